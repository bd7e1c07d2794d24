import { printable } from '../protocol/printable.ts'
import { type Reason, renderReason } from '../protocol/reason.ts'
import type { NodeName } from '../protocol/records.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A span of time (ms) in at most two units: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `9 d`. */
export function formatSpan(ms: number): string {
  const span = Math.abs(ms)
  if (span < 9_950) return `${(span / SECOND).toFixed(1)} s`
  if (span < MINUTE - SECOND / 2) return `${Math.round(span / SECOND)} s`
  if (span < 10 * MINUTE) return twoUnits(span, MINUTE, 'min', SECOND, 's')
  if (span < HOUR) return `${Math.round(span / MINUTE)} min`
  if (span < DAY) return twoUnits(span, HOUR, 'h', MINUTE, 'min')
  return twoUnits(span, DAY, 'd', HOUR, 'h')
}

function twoUnits(span: number, large: number, largeName: string, small: number, smallName: string): string {
  const smalls = Math.round(span / small)
  const perLarge = large / small
  const rest = smalls % perLarge
  return `${Math.floor(smalls / perLarge)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`
}

/** A moment (Unix ms) relative to another: `12 s ago`, `in 3 min`, `now`. */
export function formatAgo(at: number, now: number): string {
  const ms = now - at
  if (Math.abs(ms) < 50) return 'now'
  return ms > 0 ? `${formatSpan(ms)} ago` : `in ${formatSpan(ms)}`
}

/** A moment (Unix ms) in UTC: `2026-11-21 03:12:07.250 UTC`. */
export function formatUtc(at: number): string {
  return `${new Date(at).toISOString().replace('T', ' ').replace('Z', '')} UTC`
}

/** The clock of a moment (Unix ms) in UTC: `03:12:07`. */
export function formatClock(at: number): string {
  return new Date(at).toISOString().slice(11, 19)
}

/** How often an act was repeated, for use behind its name: ` ×7, last 03:12:07`; empty for once. */
export function formatRepeats({
  count,
  lastAt,
}: {
  readonly count?: number | undefined
  readonly lastAt?: number | undefined
}): string {
  if (count === undefined || count < 2) return ''
  return ` ×${count}${lastAt === undefined ? '' : `, last ${formatClock(lastAt)}`}`
}

/** The first and last four digits of a hash: `0x12ab…90ef`. */
export function shortHash(hash: string): string {
  return hash.length > 12 ? `${hash.slice(0, 6)}…${hash.slice(-4)}` : hash
}

/** Shortens every 32-byte hash in a text. */
function shortenHashes(text: string): string {
  return text.replace(/0x[0-9a-fA-F]{64}/g, shortHash)
}

/** Makes a text readable and safe to show: shortens hashes, and gives long spans in seconds and minutes. */
export function soften(text: string): string {
  return shortenHashes(printable(text)).replace(/\b(\d{4,}) ms\b/g, (_, ms: string) => formatSpan(Number(ms)))
}

/** The sentence of a reason; omits the node's name where the node is the `subject` already. */
export function formatReason(reason: Reason, subject?: NodeName): string {
  const { node, ...rest } = reason
  const spoken = node !== undefined && node === subject ? { ...rest, evidence: { node, ...rest.evidence } } : reason
  return soften(renderReason(spoken))
}

/** Several reasons as one sentence. What made Baton start a node is over once it has started. */
export function formatReasons(reasons: readonly Reason[], subject?: NodeName): string {
  const [first, ...rest] = reasons.map((reason) => formatReason(reason, subject))
  if (first === undefined || rest.length === 0) return first ?? ''
  return reasons[0]?.code === 'started' ? `${first} (before: ${rest.join('; ')})` : [first, ...rest].join('; ')
}

/**
 * Writes a value as JSON: big integers as decimal strings, bytes left out.
 *
 * @example
 * toJson({ number: 12n }) // '{"number":"12"}'
 */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_, field: unknown) => {
      if (typeof field === 'bigint') return String(field)
      return field instanceof Uint8Array ? undefined : field
    },
    indent,
  )
}
