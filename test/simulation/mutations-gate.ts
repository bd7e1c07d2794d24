import type { Mutation } from './mutation.ts'

const RULE = 'protocol/commit.ts'
const GATE = 'gate/methods/commit.ts'

/** The gate answers OK where it must not, or not where it must. */
export const GATE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'an error of the store is OK',
    file: GATE,
    from: "    report('failed')\n    throw error\n",
    to: "    report('failed')\n    return\n",
  },
  {
    name: 'OK before the write',
    file: GATE,
    from: 'if (isInline) return await write(context, caller, block, { payload: packed })\n',
    to: 'void write(context, caller, block, { payload: packed }).catch(() => {})\n      if (block) return { applied: true as const }\n',
  },
  {
    name: 'another leader is answered OK',
    file: RULE,
    from: "return { outcome: 'not-leader', leader: old.leader, term: old.term }",
    to: "return { outcome: 'repeated' }",
  },
  {
    name: 'a conflict is answered OK',
    file: RULE,
    from: ": { outcome: 'conflict', head }",
    to: ": { outcome: 'repeated' }",
  },
  {
    name: 'a block above a gap is answered OK',
    file: RULE,
    from: "{ outcome: 'gap', head }",
    to: "{ outcome: 'repeated' }",
    equivalent: 'the leader is never above the head: every block it builds on was committed or gossiped after a commit',
  },
  {
    name: 'a block of the same number is the same block',
    file: RULE,
    from: 'if (old.hash === block.hash)',
    to: 'if (old.number === block.number)',
  },
  {
    name: 'the same block again is a conflict',
    file: RULE,
    from: "  if (old.hash === block.hash) return { outcome: 'repeated' }\n",
    to: '',
    equivalent: 'none of 6,000 histories shows it: `writes.test.ts` and `commit.test.ts` have this line',
  },
  {
    name: 'the committed block is OK for every node',
    file: RULE,
    from: "  if (old.leader !== node) return { outcome: 'not-leader', leader: old.leader, term: old.term }\n  if (old.hash === block.hash) return { outcome: 'repeated' }\n",
    to: "  if (old.hash === block.hash) return { outcome: 'repeated' }\n  if (old.leader !== node) return { outcome: 'not-leader', leader: old.leader, term: old.term }\n",
    equivalent:
      'only the node that committed the head has that block unpublished; with an OK after its fence, it publishes what is committed',
  },
  {
    name: 'no payload is kept',
    file: GATE,
    from: 'block, { payload: packed })',
    to: 'block, { payload: new Uint8Array(0) })',
  },
  {
    name: 'conductor_leader is true for every node',
    file: 'gate/methods/leader.ts',
    from: 'const leads = head?.leader === node',
    to: 'const leads = head !== undefined || node === ""',
    equivalent: 'the fence holds at the commit, never only at the start (Kona does not even check there)',
  },
  {
    name: 'conductor_leader is true for no node',
    file: 'gate/methods/leader.ts',
    from: 'const leads = head?.leader === node',
    to: 'const leads = head?.leader === "none"',
  },
]
