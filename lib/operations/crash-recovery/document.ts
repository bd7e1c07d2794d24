import { chain, type Document, flag, type InputOf, inputOf, node } from '../engine/document.ts'
import { nodeName } from '../engine/inputs.ts'

const fields = {
  chain: chain(),
  // The alarm names no node: the recovery finds the nodes of open recovery requests.
  node: { ...node('The node; it must not sequence'), schema: nodeName },
  dryRun: flag('Only name the damage'),
}

/** The parsed input of a crash recovery. */
export type RecoveryInput = InputOf<typeof fields>
export const recoveryInput = inputOf(fields)

/** Recovery of a node after a crash, in the console. */
export const recoveryDocument: Document = {
  guide: `Brings a node back after a crash: names the damage, repairs it, and proves that the node works.

**What it does**: excludes the node from eligibility, tries the remedies against its damage from harmless to drastic (give it blocks, restart, cut the tail whose state is lost, begin at genesis again), observes the node after each, compares the committed hashes, reads the state, has a block built and dropped, and makes the node eligible again.

**When it fails**: the node stays in quarantine, and the history lists what was tried and what came of it. It refuses the node that sequences, and one that another run is recovering.

**Undo**: chain data that was moved aside is kept beside the new one, with the time in its name. "quarantine --lift" makes the node eligible as it is.`,
  fields,
  dangerous: true,
}
