/** The look of the history: drawings side by side, and tables that fit a telephone and a sheet of A4. */

export const HISTORY_STYLE = `
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 18px; }
.chart { padding: 16px 18px 10px; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
.chart-title { font-weight: 600; margin-bottom: 6px; }
.drawing svg { display: block; width: 100%; height: auto; color: var(--soft); fill: currentColor; font: 12.5px system-ui, "Segoe UI", Lato, Arial, sans-serif; text-anchor: middle; }
.charts + .note { margin-top: 12px; font-size: 0.88rem; }
.plain.trends thead th:first-child { width: 30%; } .plain.trends thead th.number { width: auto; }
.plain.tried td:last-child { white-space: nowrap; } .plain.drills thead th:first-child { width: auto; } .plain.drills thead th.number { width: auto; }
.drills tbody th { font-weight: 400; white-space: nowrap; }
@media screen and (max-width: 860px) {
  .trends, .trends tbody, .trends tr, .drills, .drills tbody, .drills tr { display: block; }
  .trends thead, .drills thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .trends tr, .drills tr { display: flex; flex-wrap: wrap; gap: 2px 16px; padding: 10px 14px; border-bottom: 1px solid var(--line); }
  .trends tbody tr > *, .drills tbody tr > * { padding: 0; border: 0; }
  .trends tbody th { width: 100%; }
  .trends td[data-name]::before, .drills td[data-name]::before { content: attr(data-name) " "; color: var(--soft); font-size: 0.86rem; }
}
@media print {
  .charts { grid-template-columns: 1fr 1fr; gap: 4mm; }
  .chart { break-inside: avoid; padding: 10px 12px 6px; }
  .drills { font-size: 0.8rem; } .drills th, .drills td { padding: 5px 6px; }
}
`;
