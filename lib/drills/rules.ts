import type { Check } from './drill.ts'
import type { Acknowledged, Stage } from './stage.ts'

/** What must hold in every drill, whatever its cause: the design's invariants, as far as they can be seen from outside. */
export function checkRules(stage: Stage, check: Check): void {
  const { acknowledged, chain, trouble } = stage
  const replaced = pairs(acknowledged).find(([a, b]) => b.number <= a.number && b.hash !== a.hash)
  check('no acknowledged block is replaced', replaced === undefined, replaced && `block ${replaced[1].number}`)
  const unlinked = pairs(acknowledged).find(([a, b]) => b.parentHash !== a.hash && b.hash !== a.hash)
  check('committed blocks are linked', unlinked === undefined, unlinked && `block ${unlinked[1].number}`)
  const back = pairs(acknowledged).find(([a, b]) => b.term < a.term || (b.term === a.term && b.node !== a.node))
  check('one node commits in a term, and terms only grow', back === undefined, back && `term ${back[1].term}`)

  const hashes = new Map(acknowledged.map(({ number, hash }) => [number, hash]))
  const strangers = [...chain.canonical()].flatMap(([node, blocks]) => {
    const other = blocks.find(({ number, hash }) => (hashes.get(number) ?? hash) !== hash)
    return other && !trouble.outlaws.has(node) ? [`${node} at block ${other.number}`] : []
  })
  check('no node shows another block at a committed height', strangers.length === 0, strangers.join())
}

function pairs(list: readonly Acknowledged[]): [Acknowledged, Acknowledged][] {
  return list.slice(1).map((each, i) => [list[i] ?? each, each])
}
