import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Behaviour, filesOf, read, upTo, write } from './model.ts'

/**
 * `integration state_stages_zkevm` as facts tell of it: one transaction on the database, the stream
 * untouched, errors only logged, and the exit code 0 whatever happens.
 */
const { values } = parseArgs({
  options: { datadir: { type: 'string' }, 'unwind-batch-no': { type: 'string', default: '0' } },
})
const batch = Number(values['unwind-batch-no'])
const data = values.datadir ?? '.'
const { mutation } = JSON.parse(readFileSync(`${data}/../behaviour.json`, 'utf8')) as Behaviour
const { database } = filesOf(data)
const chain = read(database)
const last = chain.blocks.findLast((block) => block.batch === batch)
if (!last) {
  console.log(`[EROR] [07-01|00:00:00.000] no block found at batch ${batch}`)
} else if (mutation === 'unwind-error') {
  console.log(
    `[INFO] [07-01|00:00:00.000] UnwindToBatch                            batchNo=${batch} blockNo=${last.number}`,
  )
  console.log(
    '[EROR] [07-01|00:00:00.000] [7/14 IntermediateHashesV3] wrong trie root: 7a50, expected (from header): 6ee1',
  )
} else {
  const depth = mutation === 'unwind-deep' ? batch - 1 : batch
  const end = chain.blocks.findLast((block) => block.batch === depth)
  console.log(
    `[INFO] [07-01|00:00:00.000] UnwindToBatch                            batchNo=${depth} blockNo=${end?.number}`,
  )
  if (mutation !== 'unwind-noop') write(database, upTo(chain, depth))
}
