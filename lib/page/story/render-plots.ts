import { formatSpan } from '../../text/format.ts'
import { type Content, html, type Markup } from '../html.ts'
import { colourOf } from '../render-parts.ts'
import { DAY_MS, HOUR_MS, type Plot, type Story } from './story.ts'

const WIDTH = 300
const HEIGHT = 64
/** Points drawn of a line; more of them share one, which has the worst of them. */
const MOST_POINTS = 300

/** Small plots of what is measured: of the last hour, and folded of the last day. Plots without values are left out. */
export function renderPlots(story: Story): Content {
  const known = story.plots.filter(({ lines }) => lines.some(({ points }) => points.length > 0))
  if (known.length === 0) return undefined
  return html`<section class="plots" data-key="plots"><h2>Measured <small>last hour, worst of each minute</small></h2>
<div class="grid">${known.map((plot) => renderPlot(plot, story, HOUR_MS))}</div>
<details data-key="plots-day"><summary>The last 24 h</summary><div class="grid">${known.map((plot) => renderPlot(plot, story, DAY_MS))}</div></details></section>`
}

function renderPlot(plot: Plot, story: Story, spanMs: number): Markup {
  const from = story.now - spanMs
  const lines = plot.lines.map(({ name, points }) => ({
    name,
    points: thin(
      points.filter(([at]) => at >= from),
      plot,
    ),
  }))
  const values = lines.flatMap(({ points }) => points.map(([, value]) => value))
  const most = Math.max(1, ...values)
  const named = story.nodes.map((name) => ({ name }))
  const colour = (name: string, i: number) => (story.nodes.includes(name) ? colourOf(name, named) : `c${i}`)
  const say = (value: number) => formatValue(value, plot.unit)
  const now = lines.map(({ name, points }, i) => {
    const last = points.at(-1)
    return html`<li class="node ${colour(name, i)}">${name} <b>${last ? say(last[1]) : '–'}</b></li>`
  })
  const worst =
    values.length === 0
      ? 'no value'
      : plot.less
        ? `least ${say(Math.min(...values))}`
        : `most ${say(Math.max(...values))}`
  return html`<figure class="plot" data-key="${plot.id}"><figcaption><b>${plot.title}</b> <small>${worst}</small></figcaption>
<svg role="img" aria-label="${plot.title}: ${worst}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" width="100%" height="${HEIGHT}"><line class="rail" x1="0" x2="${WIDTH}" y1="${HEIGHT - 1}" y2="${HEIGHT - 1}"/>
${lines.map(
  ({ name, points }, i) =>
    html`<path class="${colour(name, i)}" d="${pathOf(
      points,
      (at) => ((at - from) / spanMs) * WIDTH,
      (value) => HEIGHT - 2 - (Math.max(0, value) / most) * (HEIGHT - 6),
    )}"/>`,
)}</svg>
<ul>${now}</ul></figure>`
}

type Point = readonly [at: number, value: number]

/** A gap of several minutes breaks the line: nothing is known in between. */
const BREAK_MS = 10 * 60_000

function pathOf(points: readonly Point[], x: (at: number) => number, y: (value: number) => number): string {
  return points
    .map(([at, value], i) => {
      const before = points[i - 1]
      const verb = before && at - before[0] < BREAK_MS ? 'L' : 'M'
      // A single point would be invisible.
      const dot = verb === 'M' ? 'h.5' : ''
      return `${verb}${x(at).toFixed(1)} ${y(value).toFixed(1)}${dot}`
    })
    .join('')
}

/** The worst point of each share of a long line. */
function thin(points: readonly Point[], { less }: Plot): readonly Point[] {
  const share = Math.ceil(points.length / MOST_POINTS)
  if (share <= 1) return points
  const worse = (a: Point, b: Point) => (less ? a[1] < b[1] : a[1] > b[1])
  return Array.from({ length: Math.ceil(points.length / share) }, (_, i) =>
    points.slice(i * share, (i + 1) * share).reduce((worst, point) => (worse(point, worst) ? point : worst)),
  )
}

function formatValue(value: number, unit: Plot['unit']): string {
  if (unit === 'blocks') return String(Math.round(value))
  if (Math.abs(value) < 1_000) return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`
  return `${value < 0 ? '−' : ''}${formatSpan(value)}`
}
