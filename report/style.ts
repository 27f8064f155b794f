import { Markup } from "./html";

export const STYLE = new Markup(`
:root { color-scheme: light; font: 15px/1.5 system-ui, sans-serif; color: #0f172a; background: #f1f5f9; }
body { margin: 0 auto; max-width: 1120px; padding: 24px 16px 64px; }
header { display: flex; align-items: baseline; gap: 16px; }
h1 { margin: 0; font-size: 28px; }
h2 { margin: 0 0 12px; font-size: 18px; }
h3 { margin: 20px 0 8px; font-size: 15px; }
header p, small, summary { color: #64748b; }
small { font-size: 12px; white-space: nowrap; }
section { background: #fff; border: 1px solid #e2e8f0; border-radius: 10px; padding: 20px; margin-top: 16px; min-width: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(220px, 40%), 1fr)); gap: 16px; }
.card span { display: block; color: #64748b; }
.card strong { font-size: 24px; font-weight: 600; font-variant-numeric: tabular-nums; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 0 16px; }
.pair th, .pair td { padding: 5px 4px; }
svg { display: block; width: 100%; height: auto; }
.wide { overflow-x: auto; }
.cards + .wide { margin: 16px 0; }
.wide > svg { min-width: 640px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th, td { padding: 5px 8px; border-bottom: 1px solid #e2e8f0; text-align: left; vertical-align: top; }
th { color: #64748b; font-weight: 600; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.sums tr:last-child td { font-weight: 600; border-top: 2px solid #e2e8f0; }
code { font-size: 12px; overflow-wrap: anywhere; }
details { margin-top: 12px; }
summary { cursor: pointer; }
.failed { color: #b91c1c; }
.empty { color: #64748b; }
@media print { :root { background: #fff; } section { break-inside: avoid; } }
`);
