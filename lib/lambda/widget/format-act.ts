import type { BatonError } from '../../errors.ts'
import type { Done } from '../act.ts'

/** What CloudWatch shows as text. */
export type Markdown = { readonly markdown: string }

/** An act that was done, for the pop-up of a button. */
export function formatDone({ message, term, chain }: Done): Markdown {
  return { markdown: `**Done.** ${escapeMarkdown(message)}.\n\nChain ${chain}, term ${term}. It is in the history.` }
}

/** An act that was not done, and why. */
export function formatRefusal({ message, remedy }: BatonError): Markdown {
  return { markdown: `**Not done.** ${escapeMarkdown(message)}.\n\n${escapeMarkdown(remedy)}` }
}

/** Names come from people and nodes; none of them may become markup. */
function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|!~]/g, '\\$&')
}
