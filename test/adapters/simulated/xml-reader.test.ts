// Reading EC2's answers.
import { expect, test } from '@jest/globals';
import { items, parseXml, textOf } from '../../../lib/adapters/simulated/xml-reader.ts';

test('elements, attributes, references and empty elements are read', () => {
  const document = parseXml(
    '<?xml version="1.0"?>\n<R xmlns="http://x/"><a>1 &lt; 2 &#xe4;&#228; '
      + '&amp;c</a><set><item><k>x</k></item><item/></set><empty></empty></R>',
  );
  expect(document.name).toBe('R');
  expect(textOf(document, 'a')).toBe('1 < 2 ää &c');
  expect(items(document, 'set').map((one) => textOf(one, 'k'))).toEqual(['x', '']);
  expect([textOf(document, 'empty'), textOf(document, 'absent', 'deeper')]).toEqual(['', '']);
});

test.each(['<R><a></R>', '<R>', '', '</R>', '<R'])('what is cut off is no answer: %s', (text) => {
  expect(() => parseXml(text)).toThrow(SyntaxError);
});
