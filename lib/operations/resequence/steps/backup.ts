import { stampOf } from '../../../host/step.ts'
import type { Endpoints, Step } from '../context.ts'
import { StepFailed } from '../errors.ts'
import type { Sent } from '../long-host.ts'
import { copyIsWhole, countProcesses } from '../machine.ts'

export const backup: Step = {
  name: 'backup',
  does: () => 'copy database and data stream, as one pair, and compare the copy byte for byte',
  checks: ['all three parts are there', 'no byte differs'],
  interrupted: 'repeat',
  failed: 'resume',
  async run(context) {
    const { host, clock, note, sent } = context
    await refuseWhileOpen(context)
    const stamp = sent('backup')?.parameters.stamp ?? stampOf(clock.now())
    // Noted only when complete: half a copy must never be restored.
    const { stderr } = await host.run('backup', { stamp })
    const compared = await host.run('compare-backup', { stamp })
    if (!copyIsWhole(compared)) {
      const said = `${stderr}${compared.stdout}${compared.stderr}`.trim().slice(-300)
      throw new StepFailed(`the copy ${stamp} is not whole: ${said}`, 'Make room or mend the disk, then --resume.')
    }
    await note({ backup: stamp })
    return `copy ${stamp} is the same, byte for byte`
  },
}

/**
 * Replaces the data with the copy, moves the data aside, and compares.
 *
 * @param sent a restore that has already begun, to be continued.
 * @throws StepFailed when the sequencer runs or the data differs from the copy afterwards.
 */
export async function restorePair(endpoints: Endpoints, stamp: string, sent?: Sent): Promise<string> {
  await refuseWhileOpen(endpoints)
  const aside = sent?.parameters.aside ?? stampOf(endpoints.clock.now())
  const { stderr } = await endpoints.host.run('restore', { stamp, aside })
  const compared = await endpoints.host.run('compare-backup', { stamp })
  if (copyIsWhole(compared))
    return `the data is as in copy ${stamp}; what it replaced is in replaced-${aside} beside it`
  const said = `${stderr}${compared.stdout}${compared.stderr}`.trim().slice(-300)
  throw new StepFailed(`copy ${stamp} was not put back whole: ${said}`, 'Mend the disk, then run --restore again.')
}

async function refuseWhileOpen(endpoints: Endpoints): Promise<void> {
  const running = await countProcesses(endpoints)
  if (running === 0) return
  throw new StepFailed(`${running} processes have the database open`, 'End them, then run it again with --resume.')
}
