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
.baton .is-ok{--tone:var(--good)}.baton .is-degraded{--tone:var(--warn)}.baton .is-moving{--tone:var(--move)}.baton .is-halted{--tone:var(--bad)}
.baton .chain{color:var(--quiet);font-size:13px}.baton .chain b{color:var(--ink)}
.baton .chip{display:inline-block;vertical-align:.16em;font-size:12.5px;font-weight:700;letter-spacing:.04em;line-height:1;padding:5px 8px;border-radius:4px;color:var(--ground);background:var(--tone);margin-right:4px}
.baton .why{font-size:16px;max-width:110ch}
.baton .notice{margin-top:8px;padding:6px 10px;border-radius:4px;background:var(--warn-ground);max-width:max-content}
.baton .facts{display:flex;flex-wrap:wrap;gap:6px 28px;margin-top:12px}
.baton dt{font-size:12px;color:var(--quiet);line-height:1.3}
.baton .alert{margin-top:16px;padding:10px 16px;border-radius:4px;background:var(--bad-ground);border:1px solid var(--bad)}
.baton .alert h2{color:var(--bad);margin-bottom:2px}
.baton .alert li{font-size:15px}
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
.baton .role-leading .role{color:var(--good);font-weight:650}
.baton .role-starting .role{color:var(--move);font-weight:650}
.baton .role-failing .role,.baton .role-down .role,.baton .role-fenced .role{color:var(--bad);font-weight:650}
.baton .role-unfit .role{color:var(--warn);font-weight:600}
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
.baton .columns{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,8fr);gap:0 28px}
.baton .decision li{padding-left:14px;text-indent:-14px;overflow-wrap:anywhere}
.baton .decision li::before{content:"–";display:inline-block;width:14px;text-indent:0;color:var(--quiet)}
@media(max-width:900px){.baton{padding:14px}.baton .columns{grid-template-columns:minmax(0,1fr)}.baton h1{font-size:21px}.baton .who{white-space:nowrap;max-width:22ch;overflow:hidden;text-overflow:ellipsis}
.baton .history .why{min-width:30ch}.baton svg .minor{display:none}}
`
