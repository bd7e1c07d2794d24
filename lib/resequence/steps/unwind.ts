import { StepFailed } from '../errors.ts'
import { logPosition, readLog } from '../machine.ts'
import { lastKept } from '../stretch.ts'
import { RESTORE } from '../way-back.ts'
import type { Step } from './step.ts'

export const unwind: Step = {
  name: 'unwind',
  does: ({ keep }) =>
    `remove everything after batch ${keep.batch} from the database, offline; the data stream keeps it`,
  checks: [
    'the tool’s log names the kept batch and its last block',
    'its log has no error: its exit code is 0 either way',
  ],
  interrupted: 'from-backup',
  failed: 'restore',
  async run(context) {
    const { host, config, request, note, notes, sent } = context
    const step = config.sequencer.onlySmtV2 ? 'unwind-smt-v2' : 'unwind'
    const position = (sent(step) && notes().unwindFrom) ?? (await logPosition(context))
    await note({ unwindFrom: position })
    const parameters = { batch: String(request.keep.batch), chain: config.chain.erigon }
    await host.run(step, parameters)
    const { events } = await readLog(context, position)
    const trouble = events.find(({ kind }) => kind === 'trouble')
    if (trouble?.kind === 'trouble') throw new StepFailed(`the unwind says: ${trouble.text}`, RESTORE)
    const unwound = events.find((event) => event.kind === 'unwound')
    const { number } = lastKept(await context.before())
    if (!unwound) throw new StepFailed('the unwind left no word of what it did', RESTORE)
    if (unwound.batch !== request.keep.batch || unwound.block !== number) {
      throw new StepFailed(`it went to batch ${unwound.batch}, block ${unwound.block}, not ${number}`, RESTORE)
    }
    return `the database ends with batch ${unwound.batch}, block ${unwound.block}`
  },
}
