/** The style sheet of the page: on a screen, in light and dark, and on A4. */

const LIGHT = `
  --ground: #f5f3ee; --surface: #ffffff; --sunken: #f0ede6; --ink: #17212b; --soft: #55606d; --line: #dcd7cb;
  --accent: #1d4f7c; --pass: #0d6843; --pass-tint: #e3f1e9; --fail: #a51d1d; --fail-tint: #fceae8; --findings: #7a4a00; --findings-tint: #fcf0d9; --not-run: #45505d; --not-run-tint: #e6eaef;
  --band-pass: #0c4a36; --band-fail: #7d1414; --band-findings: #8a5700; --band-not-run: #3f4a57; --shadow: 0 1px 2px #1a1a1a14, 0 12px 32px #1a1a1a12;`;

const DARK = `
  --ground: #0f151c; --surface: #171f28; --sunken: #111820; --ink: #e8ecf1; --soft: #a3b0bd; --line: #2c3743;
  --accent: #84b9ea; --pass: #6bd3a3; --pass-tint: #122e24; --fail: #ff9d96; --fail-tint: #35181a; --findings: #f1c06a; --findings-tint: #30240f; --not-run: #b4c0cd; --not-run-tint: #232d38;
  --band-pass: #0b4030; --band-fail: #741515; --band-findings: #614208; --band-not-run: #3a4552; --shadow: 0 1px 2px #0006;`;

const BASE = `
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 -apple-system, "Segoe UI", Lato, "Noto Sans", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, p, dl, dd, ul, ol, figure { margin: 0; }
ul, ol { padding: 0; list-style: none; }
code { font: 0.88em/1.5 ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 4px; }
main, .hero, footer { width: min(1120px, 100% - 48px); margin-inline: auto; }
h2 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.012em; margin-bottom: 6px; }
h3 { font-size: 1.06rem; line-height: 1.4; }
section { margin-top: 56px; }
.intro { color: var(--soft); max-width: 84ch; text-wrap: pretty; margin-bottom: 20px; }
h2 + :not(.intro) { margin-top: 18px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.mark, .seal-mark { fill: none; stroke: currentColor; stroke-linecap: round; stroke-linejoin: round; }
.mark { width: 1em; height: 1em; stroke-width: 7; flex: none; }
.v-pass { --own: var(--pass); --tint: var(--pass-tint); --band: var(--band-pass); }
.v-fail { --own: var(--fail); --tint: var(--fail-tint); --band: var(--band-fail); }
.v-findings { --own: var(--findings); --tint: var(--findings-tint); --band: var(--band-findings); }
.v-not-run { --own: var(--not-run); --tint: var(--not-run-tint); --band: var(--band-not-run); }
.badge { display: inline-flex; align-items: center; gap: 0.4em; padding: 0.2em 0.7em 0.2em 0.5em; border-radius: 99px; background: var(--tint); color: var(--own); font-size: 0.78rem; font-weight: 700; letter-spacing: 0.04em; line-height: 1.4; white-space: nowrap; }
.tag { padding: 0.05em 0.55em; border: 1px solid var(--line); border-radius: 99px; color: var(--soft); font-size: 0.76rem; font-weight: 400; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.note, .none { color: var(--soft); }
.banner { background: repeating-linear-gradient(-45deg, #1b1500 0 16px, #ffcf33 16px 32px); padding: 9px 0; }
.banner p { background: #ffcf33; color: #1b1500; padding: 10px max(24px, 50% - 560px); font-weight: 700; text-align: center; }
`;

const HERO = `
.hero { margin-top: 32px; background: var(--surface); border: 1px solid var(--line); border-radius: 20px; overflow: hidden; box-shadow: var(--shadow); }
.hero-band { position: relative; display: flex; align-items: center; justify-content: space-between; gap: 32px; padding: 44px 48px; background: var(--band); color: #fff; }
.company { font-size: 1.12rem; font-weight: 700; letter-spacing: 0.01em; }
.company::after { content: ""; display: block; width: 44px; height: 3px; margin-top: 14px; background: #ffffff80; }
h1 { margin: 22px 0 14px; font-size: clamp(2rem, 5.2vw, 3.3rem); line-height: 1.06; letter-spacing: -0.025em; font-weight: 800; text-wrap: balance; }
.lead { max-width: 58ch; font-size: 1.1rem; color: #fffffff0; }
.hero-todo { max-width: 72ch; margin-top: 16px; padding: 10px 16px 12px; border-radius: 8px; background: #ffffff1f; }
.hero-todo strong { display: block; font-size: 0.84rem; }
.hero-todo p { margin-top: 4px; }
.hero-todo .command { margin-top: 2px; padding: 4px 10px; background: #00000033; }
.command { display: block; border-radius: 6px; user-select: all; }
.command span { display: inline-block; max-width: 100%; }
.hero-verdict { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; margin-top: 26px; color: #ffffffe0; }
.hero-verdict .badge { background: #fff; color: var(--band); font-size: 0.92rem; padding: 0.3em 1em 0.3em 0.7em; }
.seal { flex: none; width: 248px; height: 248px; margin: -16px -12px -16px 0; }
.seal-rose { fill: none; stroke: #ffffff; stroke-opacity: 0.42; stroke-width: 0.55; }
.seal-disc { fill: #fff; }
.seal-mark { stroke: var(--band); stroke-width: 7.5; }
.hero-facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 18px 32px; padding: 24px 48px 28px; }
.hero-facts dt, .tile-name, .sides dt, .record dt { color: var(--soft); font-size: 0.84rem; }
.hero-facts dd { font-weight: 600; }
.hero-facts code { font-weight: 600; font-size: 0.94em; }
.figures { margin-top: 28px; }
.tiles { display: flex; flex-wrap: wrap; gap: 1px; background: var(--line); border: 1px solid var(--line); border-radius: 16px; overflow: hidden; }
.tile { flex: 1 1 150px; background: var(--surface); padding: 18px 20px 20px; }
.tile-value { font-size: 1.62rem; font-weight: 700; letter-spacing: -0.02em; line-height: 1.3; font-variant-numeric: tabular-nums; }
.tile-note { color: var(--soft); font-size: 0.84rem; line-height: 1.35; }
.meter { margin-top: 20px; }
.meter svg { display: block; width: 100%; height: 10px; }
.meter rect { fill: var(--own); }
.meter-words { margin-top: 8px; color: var(--soft); font-size: 0.94rem; }
`;

const PARTS = `
.cause { margin-top: 16px; padding: 22px 26px 24px; background: var(--surface); border: 1px solid var(--line); border-left: 8px solid var(--own); border-radius: 12px; }
.cause-head { display: flex; flex-wrap: wrap; align-items: center; gap: 6px 12px; color: var(--soft); }
.cause-head code { color: var(--own); font-weight: 700; }
.cause-id { margin-left: auto; font-size: 0.88rem; }
.cause h3 { margin-top: 12px; font-size: 1.22rem; }
.cause-message { margin-top: 4px; }
.cause-pictures { margin-top: 14px; }
.cause-checks { margin-top: 10px; columns: 2 380px; column-gap: 32px; }
.cause-checks li { padding: 2px 0; break-inside: avoid; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); gap: 12px; margin-top: 16px; }
.sides > div { padding: 10px 14px 12px; border-radius: 8px; background: var(--sunken); }
.sides dd { font-weight: 700; }
.sides .sides-with dd { font-weight: 400; }
.details { margin-top: 14px; font: 0.84rem/1.55 ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.details li { padding: 3px 0 3px 14px; border-left: 2px solid var(--line); white-space: pre-wrap; }
.todo { margin-top: 16px; padding: 12px 16px; border-radius: 8px; background: var(--tint); }
.todo strong { display: block; color: var(--own); font-size: 0.84rem; }
.gallery { display: grid; gap: 22px; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.gallery-1 { grid-template-columns: minmax(0, 1fr); }
.gallery-many { grid-template-columns: repeat(3, minmax(0, 1fr)); align-items: stretch; }
.gallery-many figure:first-child { grid-column: span 2; grid-row: span 2; }
figure { display: flex; flex-direction: column; background: var(--surface); border: 1px solid var(--line); border-radius: 14px; overflow: hidden; }
figure .open { display: flex; flex: 1; background: #fff; border-bottom: 1px solid var(--line); cursor: zoom-in; }
figure img { display: block; width: 100%; height: auto; aspect-ratio: 8 / 5; object-fit: cover; object-position: top; }
figure img.strip { aspect-ratio: 8 / 3; object-fit: contain; object-position: center; padding: 5%; }
.gallery-many figure:first-child img { object-fit: contain; object-position: top left; }
.gallery-1 img { aspect-ratio: auto; }
figcaption { padding: 12px 16px 14px; font-size: 0.9rem; line-height: 1.45; }
.picture-title { display: block; font-weight: 600; margin-bottom: 6px; }
.picture-check { margin-left: 6px; color: var(--soft); }
.picture-url { display: block; margin-top: 6px; color: var(--soft); font-size: 0.82rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
figure:target .picture-url { white-space: normal; }
figure .close { display: none; }
@media screen { figure:target { position: fixed; inset: 0; z-index: 9; border: 0; border-radius: 0; overflow: auto; background: var(--surface); }
  figure:target .open { flex: none; cursor: default; }
  figure:target .open img { width: auto; max-width: 100%; height: auto; aspect-ratio: auto; object-fit: contain; margin: auto; padding: 0; }
  figure:target .close { display: block; position: fixed; top: 14px; right: 14px; padding: 8px 20px; border-radius: 99px; background: #17212b; color: #fff; font-weight: 700; text-decoration: none; box-shadow: 0 2px 12px #0006; } }
`;

const RECORD = `
.chain > li { position: relative; padding: 0 0 26px 60px; counter-increment: link; }
.chain > li::before { content: counter(link); position: absolute; left: 0; top: -3px; z-index: 1; display: grid; place-items: center; width: 36px; height: 36px; border-radius: 50%; background: var(--ink); color: var(--ground); font-weight: 700; }
.chain > li:not(:last-child)::after { content: ""; position: absolute; left: 17px; top: 33px; bottom: 3px; width: 2px; background: var(--line); }
.chain p, .marks { max-width: 78ch; }
.object { margin-top: 12px; padding: 14px 20px 16px; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
.object dt { font-weight: 700; }
.object-size, .hash-name { color: var(--soft); font-size: 0.9rem; }
.object-key { margin-right: 10px; }
.hash { display: flex; flex-wrap: wrap; gap: 2px 12px; align-items: baseline; margin-top: 4px; }
.hash code { overflow-wrap: anywhere; font-size: 0.9rem; }
.marks { margin-top: 6px; }
.marks li { padding: 3px 0; }
.marks .badge { margin-right: 6px; }
table { width: 100%; border-collapse: collapse; background: var(--surface); font-size: 0.92rem; line-height: 1.45; }
.part { margin-top: 26px; }
.part h3 { margin-bottom: 10px; }
.part-count { margin-left: 8px; color: var(--soft); font-size: 0.88rem; font-weight: 400; }
.checks, .plain, .phases { border: 1px solid var(--line); border-radius: 12px; border-collapse: separate; border-spacing: 0; overflow: hidden; }
th, td { padding: 11px 14px; text-align: left; vertical-align: top; font-weight: 400; border-bottom: 1px solid var(--line); }
tbody:last-child tr:last-child > *, tfoot tr > * { border-bottom: 0; }
thead th { overflow-wrap: normal; padding-block: 9px; background: var(--sunken); color: var(--soft); font-size: 0.82rem; }
th.number { text-align: right; }
.checks { table-layout: fixed; }
.checks thead th:nth-child(1) { width: 122px; } .checks thead th:nth-child(2) { width: 32%; } .checks thead th:nth-child(5) { width: 25%; } .checks thead th:nth-child(6) { width: 86px; }
.checks tbody th { font-weight: 600; }
.checks tr.v-fail > *, .checks tr.v-findings > *, .checks tr.v-not-run > * { background: var(--tint); }
.checks tr.v-fail .badge, .checks tr.v-findings .badge, .checks tr.v-not-run .badge { background: var(--surface); }
.check-id, .check-reason { display: block; margin-top: 3px; font-size: 0.86rem; font-weight: 400; color: var(--soft); }
.check-reason { color: var(--own); }
.checks tr:target > * { box-shadow: inset 0 2px var(--accent), inset 0 -2px var(--accent); }
summary { margin-top: 6px; color: var(--accent); font-size: 0.86rem; font-weight: 400; cursor: pointer; }
details .details { margin-top: 6px; font-weight: 400; }
.phases th[scope="row"] { width: 34%; }
.phases .bar { width: 50%; padding-block: 15px; }
.bar svg { display: block; width: 100%; height: 12px; }
.bar-track { fill: var(--sunken); } .bar-fill { fill: var(--accent); }
tfoot th, tfoot td { font-weight: 700; background: var(--sunken); }
.plain thead th:first-child { width: 38%; } .plain thead th.number { width: 80px; }
.plain tbody th { font-weight: 600; }
.record { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 16px 32px; padding: 22px 26px; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
footer { margin-block: 56px 40px; padding-top: 18px; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.88rem; }
footer > p { max-width: 90ch; }
.signature { display: none; }
`;

const NARROW = `
@media screen and (max-width: 860px) {
  .hero-band { padding: 34px 32px; }
  .seal { width: 168px; height: 168px; }
  .hero-facts { padding: 22px 32px 26px; }
  .tile { flex-basis: 30%; }
  .gallery-many { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .gallery-many figure:first-child { grid-row: auto; }
  .gallery-many figure:first-child img { height: auto; aspect-ratio: 8 / 5; }
  .checks, .checks tbody, .checks tr, .checks td, .checks tbody th { display: block; width: auto; }
  .checks thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .checks tr { padding: 12px 16px 14px; border-bottom: 1px solid var(--line); }
  .checks tr:last-child { border-bottom: 0; }
  .checks tr.v-fail, .checks tr.v-findings, .checks tr.v-not-run { background: var(--tint); }
  .checks td, .checks tbody th { padding: 2px 0; border: 0; }
  .checks tbody th { padding-block: 8px 4px; }
  .checks td[data-name] { display: grid; grid-template-columns: 92px 1fr; gap: 8px; text-align: left; white-space: normal; }
  .checks td[data-name]::before { content: attr(data-name); color: var(--soft); }
}
@media screen and (max-width: 560px) {
  main, .hero, footer { width: calc(100% - 28px); }
  .hero { margin-top: 14px; border-radius: 16px; }
  .hero-band { display: block; padding: 26px 22px 28px; }
  .hero-band .seal { position: absolute; top: 10px; right: 8px; width: 108px; height: 108px; margin: 0; }
  .company { padding-right: 100px; min-height: 3.4em; }
  .hero-facts { padding: 20px 22px 24px; gap: 14px; }
  .tile { flex-basis: 45%; padding: 14px 16px 16px; }
  .tile-value { font-size: 1.36rem; }
  section { margin-top: 44px; }
  .cause { padding: 18px 18px 20px; }
  .cause-id { margin-left: 0; width: 100%; }
  .gallery, .gallery-many { grid-template-columns: minmax(0, 1fr); }
  .gallery-many figure:first-child { grid-column: auto; }
  .chain > li { padding-left: 42px; }
  .chain > li::before { top: 0; width: 28px; height: 28px; font-size: 0.86rem; }
  .chain > li:not(:last-child)::after { left: 13px; top: 32px; }
  .object { padding: 12px 16px 14px; }
  th, td { padding: 9px 10px; }
  .phases .bar { width: 34%; }
  .plain thead th:first-child { width: 44%; }
  .record { grid-template-columns: 1fr; padding: 18px; }
}
`;

/** The whole style sheet for screens; print takes its colours from the light side. */
/** On a screen. Every text meets WCAG AA on its ground. */
export const SCREEN_STYLE = `:root { color-scheme: light dark; ${LIGHT} }
@media screen and (prefers-color-scheme: dark) { :root { ${DARK} } }
${BASE}${HERO}${PARTS}${RECORD}${NARROW}
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
`;

/** The history: charts side by side, and tables that fit a telephone and a sheet of A4. */
export const HISTORY_STYLE = `
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); gap: 18px; }
.chart { padding: 16px 18px 10px; background: var(--surface); border: 1px solid var(--line); border-radius: 12px; }
.chart-title { font-weight: 600; margin-bottom: 6px; }
.drawing svg { display: block; width: 100%; height: auto; color: var(--soft); fill: currentColor; font: 12.5px system-ui, "Segoe UI", Lato, Arial, sans-serif; text-anchor: middle; }
.charts + .note { margin-top: 12px; font-size: 0.88rem; }
.plain.trends thead th:first-child { width: 30%; } .plain.trends thead th.number { width: auto; }
.plain.tried td:last-child { white-space: nowrap; } .plain.drills thead th:first-child { width: auto; } .plain.drills thead th.number { width: auto; }
.drill-findings { display: block; margin-top: 3px; color: var(--soft); font-size: 0.86rem; }
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

/** On A4: light, nothing cut off, no picture and no card split between two sheets. */
export const PRINT_STYLE = `
@page { size: A4; margin: 14mm 14mm 16mm; }
@media print {
  :root { color-scheme: light; --ground: #ffffff; --shadow: none; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  html { font-size: 9.6pt; }
  body { font-size: 1rem; line-height: 1.45; }
  main, .hero, footer { width: 100%; }
  .banner { padding: 6px 0; break-inside: avoid; }
  .banner p { padding: 6px 12px; }
  .hero { margin-top: 12px; border-radius: 12px; break-inside: avoid; }
  .hero-band { padding: 26px 28px; }
  h1 { font-size: 2.5rem; margin: 14px 0 10px; }
  .seal { width: 168px; height: 168px; }
  .hero-facts { grid-template-columns: repeat(2, 1fr); gap: 10px 24px; padding: 16px 28px 18px; }
  section { margin-top: 26px; }
  h2, h3, .intro, thead, .cause-head, .cause h3 { break-after: avoid; }
  .intro + *, .intro + * > :first-child { break-before: avoid; }
  .intro { margin-bottom: 12px; }
  .figures { margin-top: 16px; break-inside: avoid; }
  .tile { flex-basis: 30%; padding: 10px 14px 12px; }
  .tile-value { font-size: 1.5rem; }
  h2, h3, .intro, figure, .object, .sides, .cause-head, tr, .findings > li, .record > div, .todo, .phases, .record, .signature { break-inside: avoid; }
  .cause { padding: 14px 18px 16px; box-decoration-break: clone; -webkit-box-decoration-break: clone; }
  .sides { grid-template-columns: 1fr 1fr 1.3fr; }
  .gallery, .gallery-many, .gallery-2 { display: block; font-size: 0; }
  figure, .gallery-1 figure { display: inline-block; width: calc(50% - 2mm); margin: 0 4mm 4mm 0; border-radius: 8px; vertical-align: top; }
  .gallery-1 figure, .gallery-many figure:first-child { width: 100%; margin-right: 0; }
  .gallery-many figure:nth-child(2n + 3), .gallery-2 figure:nth-child(2) { margin-right: 0; }
  figure .open { display: block; }
  figure img, .gallery-many figure:first-child img { display: block; width: auto; max-width: 100%; height: auto; max-height: 120mm; margin: 0 auto; aspect-ratio: auto; object-fit: contain; }
  .gallery-many figure:not(:first-child) img, .gallery-2 img { height: 55mm; }
  figure img.strip { max-height: 40mm; padding: 4mm; }
  figcaption { font-size: 0.88rem; }
  .chain > li { padding-bottom: 16px; break-inside: avoid; }
  .chain > li::before { top: 0; }
  th, td { padding: 6px 9px; }
  table { font-size: 0.9rem; }
  thead { display: table-header-group; }
  .checks, .plain, .phases { border: 0; border-radius: 0; }
  .phases .bar { padding-block: 9px; }
  .record { grid-template-columns: repeat(3, 1fr); padding: 14px 18px; gap: 12px 20px; }
  .checks thead th:nth-child(1) { width: 25mm; } .checks thead th:nth-child(2) { width: 30%; } .checks thead th:nth-child(5) { width: 25%; } .checks thead th:nth-child(6) { width: 17mm; }
  .picture-url { white-space: normal; }
  .details { font-size: 0.76rem; }
  summary { display: none; }
  details::details-content { content-visibility: visible; display: block; height: auto; }
  a { color: inherit; text-decoration: none; }
  footer { margin-block: 26px 12px; font-size: 0.88rem; break-inside: avoid; }
  .signature { display: grid; grid-template-columns: 2fr 1fr 2fr; gap: 20px; margin: 40px 0 8px; }
  .signature dt { color: var(--soft); }
  .signature dd { height: 34px; border-bottom: 1px solid #55606d; }
}
`;
