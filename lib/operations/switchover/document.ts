import { chain, type Document, flag, type InputOf, inputOf, nodeOrNone } from '../engine/document.ts'

const fields = {
  chain: chain(),
  to: nodeOrNone('The node to move to; empty = the best standby'),
  dryRun: flag('Only check whether it could be done'),
}

/** The parsed input of a switchover. */
export type SwitchoverInput = InputOf<typeof fields>
export const switchoverInput = inputOf(fields)

/** A planned move of sequencing, in the console. */
export const switchoverDocument: Document = {
  guide: `Moves sequencing of one chain to another node at a block boundary.

**What it does**: checks that the target is fit, asks Baton's monitor for the move, and watches until the target has committed a block of its own term. When all is well it misses no slot.

**When it fails**: an unfit target is refused before anything changes. If the target is granted and does not commit, the next candidate replaces it.

**Undo**: switch over to the former leader.`,
  fields,
  dangerous: true,
  onAbort: { act: 'withdraw' },
}
