/** How a disaster act is shown, and what it needs beside the hash of a block. */
type Shown = {
  readonly label: string
  /** What it does, in a sentence or two. */
  readonly does: string
  /** What it would do, and what it would check first. */
  readonly would: string
  /** The label of the button that begins it. */
  readonly begin: string
  /** Whether it needs a node. */
  readonly node: boolean
  /** What the operator can override; absent = nothing. */
  readonly againstVote?: string
}

/**
 * Every act by its name: the command line, page, console and plan are made from this table. `procedure.ts` carries the
 * acts out.
 */
export const disasterActs = {
  're-seed': {
    label: 'Name the head',
    does: 'Makes a block the head under a new term, where the head was lost or is wrong. Baton grants from there.',
    would:
      'check that a node or the archive has the block and the votes are for it, make it the head under a new term, and let Baton grant',
    begin: 'Make it the head',
    node: false,
    againstVote: 'Ignore the votes (--against-vote)',
  },
  'cold-start': {
    label: 'Cold start',
    does: 'Makes a block the head under a new term, and the named node leads from there, fit or not.',
    would:
      'check that a node or the archive has the block and the votes are for it, make it the head under a new term, and grant the named node, fit or not',
    begin: 'Start from it',
    node: true,
    againstVote: 'Ignore the votes (--against-vote)',
  },
  override: {
    label: 'Override',
    does: 'Pauses Baton and lets one node publish without commits, while gate or store are away for long.',
    would:
      'check that the block is the head (without records: that no node has a block above it), stop every other sequencer and verify it, pause Baton, close the head to every node, and let the named node publish without commits',
    begin: 'Let it publish alone',
    node: true,
    againstVote: 'Ignore blocks that others have above it (--against-vote)',
  },
  return: {
    label: 'Return from the override',
    does: 'Stops that node, proves that its blocks descend from the committed head, adopts them, and lets Baton grant.',
    would:
      'stop the named node, check that each of its blocks above the head is the child of the one before, archive them, make the last one the head, restart its op-node if its machine takes steps, and let Baton grant',
    begin: 'Adopt its blocks',
    node: true,
  },
  'to-op-conductor': {
    label: 'Hand over to op-conductor',
    does: 'Ends Baton’s part: pauses it, stops the leader at a block boundary, and names the block to start from.',
    would:
      'check that the block is a recent one of this chain, pause Baton, stop the leader, close the head to every node, and name the block to start from',
    begin: 'Hand over',
    node: false,
  },
} as const satisfies Record<string, Shown>

export type DisasterKind = keyof typeof disasterActs

/** Every name, in display order. */
export const disasterKinds = Object.keys(disasterActs) as readonly DisasterKind[]

export const isDisaster = (name: string): name is DisasterKind => Object.hasOwn(disasterActs, name)

/** One act: its input, and the full hash of its block, as confirmation. */
export type DisasterAct = { readonly hash: string; readonly againstVote?: boolean | undefined } & (
  | { readonly act: 're-seed' | 'to-op-conductor' }
  | { readonly act: 'cold-start' | 'override' | 'return'; readonly node: string }
)
