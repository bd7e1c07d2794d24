import { html, type Markup } from './html.ts'

/** The style sheet of the fragment. Colours follow `color-scheme`, which the reader or a theme sets. */
export const style: Markup = html`
.baton{color-scheme:light dark;--ink:light-dark(#1b1f24,#e4e7eb);--quiet:light-dark(#5f6873,#98a2ae);--line:light-dark(#dfe3e8,#2c333b);--ground:light-dark(#fbfcfd,#12161b);--raised:light-dark(#fff,#181d23);
--good:light-dark(#1a7f4b,#5cc98b);--bad:light-dark(#c02626,#ff8077);--warn:light-dark(#9a6700,#e3b341);--move:light-dark(#1f5fbf,#7fb2ff);
--bad-ground:light-dark(#fdeceb,#3a1a1a);--warn-ground:light-dark(#fff6dc,#2e2712);
--c0:light-dark(#2f6fde,#6aa3ff);--c1:light-dark(#d9730d,#f5a35c);--c2:light-dark(#0f8f86,#4ecdc0);--c3:light-dark(#9a4fc4,#cf9bf0);--c4:light-dark(#8a7a00,#d8c64a);--c5:light-dark(#c23f7c,#f38bb8);
box-sizing:border-box;color:var(--ink);background:var(--ground);font:14px/1.45 -apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;padding:20px 24px 28px}
.baton[data-theme=light]{color-scheme:light}.baton[data-theme=dark]{color-scheme:dark}
.baton *{box-sizing:border-box}
.baton h1,.baton h2,.baton h3,.baton p,.baton ul,.baton dl,.baton dd{margin:0;padding:0}
.baton h1{font-size:26px;line-height:1.25;font-weight:650;letter-spacing:-.01em}
.baton h2{font-size:15px;font-weight:650;margin-bottom:8px}
.baton h2 small{font-weight:400;color:var(--quiet);font-size:13px;margin-left:6px}
.baton h3{font-size:13px;font-weight:600;color:var(--quiet);margin:10px 0 3px}
.baton h2+h3{margin-top:0}
.baton small{font-size:12px;color:var(--quiet);font-weight:400}
.baton code{font:12px/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;color:var(--quiet)}
.baton b{font-weight:600}
.baton section{margin-top:22px}
.baton ul{list-style:none}
.baton .quiet,.baton .unknown{color:var(--quiet)}
.baton .good{color:var(--good)}.baton .bad{color:var(--bad)}
.baton time{white-space:nowrap}
.baton .banner{border-left:5px solid var(--tone);padding:2px 0 2px 16px;--tone:var(--quiet)}
.baton .is-ok{--tone:var(--good)}.baton .is-degraded,.baton .is-paused,.baton .is-held{--tone:var(--warn)}.baton .is-moving{--tone:var(--move)}.baton .is-halted{--tone:var(--bad)}
.baton .chain{color:var(--quiet);font-size:13px}.baton .chain b{color:var(--ink)}
.baton .chip{display:inline-block;vertical-align:.16em;font-size:12.5px;font-weight:700;letter-spacing:.04em;line-height:1;padding:5px 8px;border-radius:4px;color:var(--ground);background:var(--tone);margin-right:4px}
.baton .why{font-size:16px;max-width:110ch}
.baton .notice{margin-top:8px;padding:6px 10px;border-radius:4px;background:var(--warn-ground);max-width:max-content}
.baton .facts{display:flex;flex-wrap:wrap;gap:6px 28px;margin-top:12px}
.baton dt{font-size:12px;color:var(--quiet);line-height:1.3}
.baton .alert{margin-top:16px;padding:10px 16px;border-radius:4px;background:var(--bad-ground);border:1px solid var(--bad)}
.baton .alert h2{color:var(--bad);margin-bottom:2px}
.baton .alert h2 small{color:var(--ink);font-weight:600}
.baton .alert li{font-size:15px;padding:6px 0 2px}.baton .alert li+li{border-top:1px solid color-mix(in srgb,var(--bad) 30%,transparent);margin-top:6px}
.baton .alert .do{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 10px;margin-top:3px;font-size:14px}
.baton .alert .do>b{color:var(--bad)}
.baton .alert code{color:var(--ink);background:var(--ground);padding:1px 6px;border-radius:3px;overflow-wrap:anywhere}
.baton a{color:var(--move)}
.baton table{border-collapse:collapse;width:100%;background:var(--raised)}
.baton th,.baton td{text-align:left;vertical-align:baseline;padding:5px 10px 5px 0;border-bottom:1px solid var(--line)}
.baton th:first-child,.baton td:first-child{padding-left:8px}
.baton thead th{font-size:12px;font-weight:500;color:var(--quiet);white-space:nowrap;background:var(--raised)}
.baton .role,.baton .node{white-space:nowrap}
.baton tbody th{font-weight:600;white-space:nowrap}
.baton td.n{white-space:nowrap}
.baton .behind{color:var(--warn);font-weight:600}
.baton .wide{overflow-x:auto;border:1px solid var(--line);border-radius:6px}
.baton .tall{overflow:auto;max-height:340px;border:1px solid var(--line);border-radius:6px}
.baton .tall thead th{position:sticky;top:0;box-shadow:inset 0 -1px var(--line)}
.baton .wide tr:last-child>*,.baton .tall tr:last-child>*{border-bottom:0}
.baton .history .tall{max-height:640px}
.baton .verdict{min-width:24ch;overflow-wrap:anywhere}
.baton .who{white-space:nowrap;max-width:22ch;overflow:hidden;text-overflow:ellipsis}
.baton .history .why{width:50%;font-size:14px;overflow-wrap:anywhere}
.baton .node::before{content:"";display:inline-block;width:9px;height:9px;border-radius:2px;background:var(--c,var(--quiet));margin-right:6px}
.baton .c0{--c:var(--c0)}.baton .c1{--c:var(--c1)}.baton .c2{--c:var(--c2)}.baton .c3{--c:var(--c3)}.baton .c4{--c:var(--c4)}.baton .c5{--c:var(--c5)}
.baton .tone-good .role{color:var(--good);font-weight:650}
.baton .tone-move .role{color:var(--move);font-weight:650}
.baton .tone-bad .role{color:var(--bad);font-weight:650}
.baton .tone-warn .role{color:var(--warn);font-weight:600}
.baton .fork{color:var(--bad);font-weight:650}.baton .fork code{color:inherit}
.baton .strip{display:grid;grid-template-columns:max-content 1fr;gap:14px;border:1px solid var(--line);border-radius:6px;background:var(--raised);padding:10px 12px 4px}
.baton .strip ul{padding-top:16px}
.baton .strip li{height:22px;line-height:22px;font-weight:600}
.baton svg{display:block;overflow:visible}
.baton svg text{font-size:11.5px;fill:var(--quiet)}
.baton svg rect{fill:var(--c,var(--quiet))}
.baton svg .rail{stroke:var(--line)}
.baton svg .hatch{fill:color-mix(in srgb,var(--bad) 35%,transparent)}
.baton svg .gap rect{fill:url(#gap)}
.baton svg .gap text{fill:var(--bad);font-weight:650;paint-order:stroke;stroke:var(--raised);stroke-width:4px}
.baton svg .term{stroke:var(--ink);stroke-dasharray:3 3}
.baton svg text.term{stroke:none;fill:var(--ink);font-weight:600}
.baton svg .now{stroke:var(--quiet)}
.baton .timeline .legend,.baton .timeline h3{font-size:12px;color:var(--quiet);font-weight:500}
.baton .legend{display:flex;flex-wrap:wrap;gap:2px 16px}
.baton .legend .hatched::before,.baton .legend .blank::before{content:"";display:inline-block;width:16px;height:9px;margin-right:5px;background:repeating-linear-gradient(45deg,var(--bad) 0 2px,transparent 2px 5px)}
.baton .legend .blank::before{background:color-mix(in srgb,var(--quiet) 22%,transparent)}
.baton .flag-move{color:var(--move)}.baton .flag-page{color:var(--bad)}.baton .flag-act{color:var(--warn)}
.baton svg text.flag{fill:currentColor;font-size:12px}
.baton .timeline .strip ul{padding-top:20px}
.baton .timeline .strip li{height:14px;line-height:14px;font-size:12px}
.baton .timeline svg .gap line{stroke:var(--bad);stroke-width:2}
.baton svg .blank rect{fill:color-mix(in srgb,var(--quiet) 14%,transparent)}
.baton .moves details{border:1px solid var(--line);border-top-width:0;background:var(--raised)}
.baton .moves details:first-of-type{border-top-width:1px;border-radius:6px 6px 0 0}.baton .moves details:last-of-type{border-radius:0 0 6px 6px}.baton .moves details:only-of-type{border-radius:6px}
.baton .moves summary{padding:8px 12px;cursor:pointer;font-size:15px}
.baton .moves .cost{font-weight:600;margin-left:8px}.baton .moves .cost.good{color:var(--good)}.baton .moves .cost.bad{color:var(--bad)}
.baton .moves details>p{padding:0 12px 8px}
.baton .replay{padding:4px 12px 10px}
.baton .replay .slots{display:grid;grid-template-columns:max-content 1fr;gap:14px;margin-bottom:6px}
.baton .slots ul{padding-top:6px}.baton .slots li{height:22px;line-height:22px;font-weight:600}
.baton svg text.on-block{fill:light-dark(#fff,#10151a);font-size:11px;font-weight:600;paint-order:stroke;stroke:light-dark(#0006,transparent);stroke-width:2px}
.baton svg .gap .short{display:none}
.baton svg .span line{stroke:var(--quiet)}.baton svg .span text{fill:var(--ink);font-weight:600}
.baton .steps-of-move .bar{width:40%;padding-right:8px}.baton .steps-of-move td.n,.baton .steps-of-move th.n{text-align:right}
.baton .steps-of-move td,.baton .steps-of-move th{padding-top:3px;padding-bottom:3px}
.baton .steps-of-move td{overflow-wrap:anywhere}
.baton .steps-of-move svg rect{fill:color-mix(in srgb,var(--move) 45%,transparent)}.baton .steps-of-move circle{fill:var(--move)}
.baton .step-first-sign circle,.baton .step-last-block circle{fill:var(--bad)}.baton .step-first-block circle{fill:var(--good)}
.baton .only-heard{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.baton .plots .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:12px;margin-bottom:8px}
.baton .plot{margin:0;padding:8px 10px;border:1px solid var(--line);border-radius:6px;background:var(--raised);min-width:0}
.baton .plot figcaption{display:flex;flex-wrap:wrap;gap:0 8px;align-items:baseline;justify-content:space-between}
.baton .plot svg{margin:6px 0;overflow:hidden}
.baton .plot path{fill:none;stroke:var(--c,var(--move));stroke-width:1.6;vector-effect:non-scaling-stroke;stroke-linejoin:round}
.baton .plot ul{display:flex;flex-wrap:wrap;gap:0 14px;font-size:12px}
.baton summary{cursor:pointer}
.baton .columns{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,8fr);gap:0 28px}
.baton .decision li{padding-left:14px;text-indent:-14px;overflow-wrap:anywhere}
.baton .decision li::before{content:"–";display:inline-block;width:14px;text-indent:0;color:var(--quiet)}
.baton .details .facts{margin-top:0}
@media(max-width:1240px){.baton .columns{grid-template-columns:minmax(0,1fr)}.baton .nodes td code{display:none}}
@media(max-width:1100px){.baton .nodes :is(.role,td.n:has(.role)){white-space:normal}.baton .nodes :is(th,td){padding-right:8px}}
@media(max-width:900px){.baton{padding:14px}.baton h1{font-size:21px}
.baton .history .why{min-width:30ch}.baton svg .minor{display:none}}
@media(max-width:600px){.baton .columns,.baton section,.baton header{min-width:0}
.baton .facts{display:grid;grid-template-columns:1fr 1fr;gap:8px 16px}
.baton table,.baton tbody,.baton tr,.baton td,.baton tbody th{display:block;width:auto}
.baton thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.baton tr{padding:8px 10px;border-bottom:1px solid var(--line)}.baton tr:last-child{border-bottom:0}
.baton td,.baton tbody th,.baton td:first-child,.baton th:first-child{border:0;padding:2px 0}
.baton td[data-label]{position:relative;padding-left:max(9ch,32%)!important}
.baton td[data-label]::before{content:attr(data-label);position:absolute;left:0;color:var(--quiet);font-size:12px;line-height:1.7}
.baton td[data-label]:empty{display:none}
.baton td.n,.baton .who,.baton .steps-of-move td.n{white-space:normal;text-align:left;max-width:none}
.baton .history .why,.baton .verdict{min-width:0;width:auto}
.baton .controls td[data-label],.baton .rehearsal td[data-label]{padding-left:0!important}.baton .controls td[data-label]::before{display:none}.baton .rehearsal td[data-label]::before{position:static;margin-right:8px}
.baton svg text.on-block,.baton svg .gap .long{display:none}.baton svg .gap .short{display:inline}
.baton .steps-of-move .bar,.baton .steps-of-move td[data-label]::before{display:none}
.baton .steps-of-move tr{display:grid;grid-template-columns:1fr auto;gap:0 12px}.baton .steps-of-move td[data-label]{padding-left:0!important}
.baton .steps-of-move .what{grid-row:2;grid-column:1/-1}.baton .steps-of-move .step-ms{display:none!important}
.baton .nodes tr,.baton .blocks tr{display:grid;grid-template-columns:1fr 1fr;gap:0 16px}
.baton .nodes tbody th,.baton .nodes .verdict,.baton .blocks td:first-child{grid-column:1/-1}
.baton .nodes tbody th{order:-2}.baton .nodes td.verdict[data-label]{order:-1;padding:0 0 4px!important}.baton .nodes .verdict::before{display:none}
.baton .history tr{display:flex;flex-wrap:wrap;gap:0 12px}.baton .history td[data-label]{padding-left:0!important}.baton .history td::before{display:none}
.baton .history .why{flex-basis:100%}.baton .history .position::before{display:inline;position:static;margin-right:4px}
.baton .alert .do{display:block}.baton .alert .do>*{margin-right:6px}.baton .alert .do>a{display:inline-block}
.baton .strip,.baton .replay .slots{gap:8px;padding-left:8px;padding-right:8px}
.baton .alert{padding:10px 12px}}
`
