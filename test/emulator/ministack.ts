// The local AWS of tests is the one of `npm run localcloud`.
export * from '../../lib/local/localcloud/ministack.ts';
