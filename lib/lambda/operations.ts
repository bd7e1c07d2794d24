import { openBackfill } from '../operations/backfill/open.ts'
import { backfill } from '../operations/backfill/operation.ts'
import { crashRecovery } from '../operations/crash-recovery/operation.ts'
import { disaster } from '../operations/disaster/operation.ts'
import type { Operation } from '../operations/engine/operation.ts'
import { takeStep } from '../operations/engine/take-step.ts'
import { switchover } from '../operations/switchover/operation.ts'
import { upgrade } from '../operations/upgrade/operation.ts'
import { patientChains } from './chains.ts'
import { readEnvironment, readVariable } from './environment.ts'
import { logged, type Steps } from './steps.ts'

/**
 * The operation a function was deployed for, with the chains it works on.
 *
 * @throws RangeError when `BATON_OPERATION` names none.
 */
export function openOperation(): Steps {
  // Names every variable that is missing, not only the one below.
  readEnvironment()
  const name = readVariable('BATON_OPERATION')
  switch (name) {
    case switchover.name:
      return onChain(switchover)
    case upgrade.name:
      return onChain(upgrade)
    case disaster.name:
      return onChain(disaster)
    case backfill.name:
      return onNodes(backfill)
    case crashRecovery.name:
      return onNodes(crashRecovery)
    default:
      throw new RangeError(`BATON_OPERATION: there is no operation "${name}"`)
  }
}

/** An operation on a chain's records and nodes. */
function onChain<I, S>(operation: Operation<Awaited<ReturnType<Chains['ports']>>, I, S>): Steps {
  const { chains, log } = patientChains()
  return logged(log, operation.name, async (call, chain) => takeStep(operation, await chains.ports(chain), call))
}

type Chains = ReturnType<typeof patientChains>['chains']
type Nodes = Awaited<ReturnType<typeof openBackfill>>

/** An operation that feeds blocks to nodes: it also has their engines, where Baton has access. */
function onNodes<I, S>(operation: Operation<Nodes, I, S>): Steps {
  const { chains, log, parameter } = patientChains()
  return logged(log, operation.name, async (call, chain) => {
    const config = await chains.config(chain)
    const ports = await openBackfill(config, await chains.ports(chain), { env: process.env, parameter })
    return await takeStep(operation, ports, call)
  })
}
