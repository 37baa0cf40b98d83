// The look of the report; uPlot's own stands before it.

export const style = `
:root{color-scheme:light dark;--fg:#1f2937;--bg:#fff;--soft:#6b7280;--line:#e5e7eb;--best:#ecfdf5}
@media (prefers-color-scheme:dark){:root{--fg:#e5e7eb;--bg:#111827;--soft:#9ca3af;--line:#374151;--best:#064e3b}}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif}
main{max-width:1040px;margin:0 auto;padding:16px}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2rem}h3{font-size:1rem;margin-bottom:.2rem}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.85rem}
th,td{padding:4px 8px;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
th:first-child{text-align:left}.best{background:var(--best)}
figure{margin:1rem 0}figcaption{font-weight:600}svg{width:100%;height:auto;display:block}
svg text{fill:var(--soft);font-size:12px}.grid{stroke:var(--line)}
.legend{margin:0;font-size:.85rem}.legend span{margin-right:1rem;white-space:nowrap}
.legend i{display:inline-block;width:12px;height:12px;margin-right:4px;border-radius:2px}
.chart{min-height:260px}.uplot,.u-legend{width:100%;text-align:left}.u-legend{font-size:.85rem}
@media (max-width:640px){.plot{overflow-x:auto}.plot svg{min-width:640px}}
details{margin:.4rem 0 1rem}summary{cursor:pointer;color:var(--soft)}
@media print{main{max-width:none}figure,table{break-inside:avoid}}
`;
