import { formatClock } from '../../text/format.ts'
import { html, type Markup } from '../html.ts'

/** A span of time laid over the width of a drawing, in per cent. */
export type Axis = { readonly from: number; readonly to: number; readonly x: (at: number) => number }

/** The axis of a span (Unix ms); `margin` per cent stay free on the right. */
export function axisOf(from: number, to: number, margin = 0): Axis {
  const x = (at: number) => ((at - from) / (to - from)) * (100 - margin)
  return { from, to, x }
}

export function percent(value: number): string {
  return `${value.toFixed(2)}%`
}

const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800]
/** Longer steps are a multiple of this (s). */
const LONGEST_S = 21_600

/** Round moments between two times, at most `most`. */
export function ticks({ from, to }: Axis, most = 8): readonly number[] {
  const span = (to - from) / 1000
  const step = (STEPS_S.find((s) => span / s <= most) ?? Math.ceil(span / most / LONGEST_S) * LONGEST_S) * 1000
  const first = Math.ceil(from / step) * step
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, i) => first + i * step)
}

/** Where a label may stand without leaving the drawing: near an edge it turns inwards. */
export function anchorAt(x: number): 'start' | 'middle' | 'end' {
  if (x < 4) return 'start'
  return x > 95 ? 'end' : 'middle'
}

/** The labels of an axis. `seconds` = with seconds. */
export function renderTicks(
  axis: Axis,
  y: number,
  { seconds, most }: { readonly seconds: boolean; readonly most?: number },
): readonly Markup[] {
  return ticks(axis, most).map((at, i) => {
    const x = axis.x(at)
    const label = seconds ? formatClock(at) : formatClock(at).slice(0, 5)
    return html`<text class="tick${i % 2 === 1 && ' minor'}" x="${percent(x)}" y="${y}" text-anchor="${anchorAt(x)}">${label}</text>`
  })
}

/** The lanes of a drawing: the nodes of the configuration, then those that led and are no longer in it. */
export function lanesOf(nodes: readonly string[], leaders: readonly string[]): readonly string[] {
  return [...new Set([...nodes, ...leaders])]
}
