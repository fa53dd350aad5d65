/** The look of the report on A4: light, nothing cut off, no picture and no card split between two sheets. */

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
  h2, h3, .intro, figure, .object, .sides, .cause-head, tr, .record > div, .todo, .phases, .record, .signature { break-inside: avoid; }
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
