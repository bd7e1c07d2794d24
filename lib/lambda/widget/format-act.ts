import type { BatonError } from '../../errors.ts'
import type { Done } from '../act.ts'

/** A text that CloudWatch renders. */
export type Markdown = { readonly markdown: string }

/** Formats a completed act for a button's pop-up. */
export function formatDone({ message, term, chain }: Done): Markdown {
  return { markdown: `**Done.** ${escapeMarkdown(message)}.\n\nChain ${chain}, term ${term}. It is in the history.` }
}

/** Formats a refused act and the reason. */
export function formatRefusal({ message, remedy }: BatonError): Markdown {
  return { markdown: `**Not done.** ${escapeMarkdown(message)}.\n\n${escapeMarkdown(remedy)}` }
}

/** Escapes names from people and nodes: they must not become markup. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|!~]/g, '\\$&')
}
