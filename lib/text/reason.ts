import { printable } from '../protocol/printable.ts'
import { type Reason, renderReason } from '../protocol/reason.ts'
import type { NodeName } from '../protocol/records.ts'
import { formatSpan } from './time.ts'

/** The first and last four digits of a hash: `0x12ab…90ef`. */
export function shortHash(hash: string): string {
  return hash.length > 12 ? `${hash.slice(0, 6)}…${hash.slice(-4)}` : hash
}

/** Shortens every 32-byte hash in a text. */
export function shortenHashes(text: string): string {
  return text.replace(/0x[0-9a-fA-F]{64}/g, shortHash)
}

/** Makes a text easier to read aloud, and safe to show: hashes by their ends, long spans in seconds and minutes. */
export function soften(text: string): string {
  return shortenHashes(printable(text)).replace(/\b(\d{4,}) ms\b/g, (_, ms: string) => formatSpan(Number(ms)))
}

/** The sentence of a reason. Where a node is the `subject` already, its name is not said again. */
export function formatReason(reason: Reason, subject?: NodeName): string {
  const { node, ...rest } = reason
  const spoken = node !== undefined && node === subject ? { ...rest, evidence: { node, ...rest.evidence } } : reason
  return soften(renderReason(spoken))
}

/** Several reasons as one sentence. */
export function formatReasons(reasons: readonly Reason[], subject?: NodeName): string {
  return reasons.map((reason) => formatReason(reason, subject)).join('; ')
}
