import type { ChainPorts } from '../context/ports.ts'
import type { DeskCall } from '../gate/desk.ts'
import { InvalidParamsError } from '../gate/rpc-errors.ts'
import type { ActName } from '../operator/act-names.ts'
import { acts } from '../operator/acts.ts'
import { RefusedActError } from '../operator/errors.ts'
import { readOutcome } from '../operator/switchover-once.ts'
import type { AskedSwitchover } from '../protocol/outcome.ts'
import { quoteForeign } from '../protocol/printable.ts'
import type { Mode, NodeName } from '../protocol/records.ts'
import { formatOutcome } from '../text/outcome.ts'
import type { Answer, Answers, Asked } from './answers.ts'
import { DoneElsewhereError, TransferElsewhereError } from './errors.ts'
import { isOverridden } from './getters.ts'

type ActMethod =
  | 'conductor_pause'
  | 'conductor_resume'
  | 'conductor_stop'
  | 'conductor_overrideLeader'
  | 'conductor_transferLeader'
  | 'conductor_transferLeaderToServer'
  | 'conductor_addServerAsVoter'
  | 'conductor_addServerAsNonvoter'
  | 'conductor_demoteVoter'
  | 'conductor_removeServer'

/** How long a transfer waits to learn that the monitor refuses it (ms). Accepted is enough, as with op-conductor. */
const REFUSAL_MS = 2_000
const EVERY_MS = 100
/** The longest name in the history. */
const MOST_NAME = 60

/** The same acts as those of the command line, recorded with who asked. */
async function act({ ports, permit }: Asked, name: ActName, input: object, { by, method }: DeskCall) {
  permit(name, input)
  return await acts[name].run(
    ports,
    input,
    `${quoteForeign(by, MOST_NAME) || 'an operator without a name'} (${method})`,
  )
}

/** Sets the mode. Programs call it for each node: what is so already is not done, nor recorded, again. */
const setMode =
  (name: 'pause' | 'resume', mode: Mode): Answer =>
  async (asked, call) => {
    const now = await asked.lease()
    if (now?.mode !== mode || (mode === 'paused' && now.switchover)) await act(asked, name, {}, call)
    return null
  }

async function transfer(parts: Asked, call: DeskCall, to?: NodeName): Promise<null> {
  const leader = (await parts.head())?.leader || undefined
  if (call.node !== undefined && call.node !== leader) throw new TransferElsewhereError(leader)
  const { asked } = await act(parts, 'switchover', to === undefined ? {} : { to }, call)
  if (asked) await throwIfRefused(parts.ports, asked)
  return null
}

/** @throws RefusedActError when the monitor refuses it, or another act ends it, within {@link REFUSAL_MS}. */
async function throwIfRefused(ports: ChainPorts, asked: AskedSwitchover): Promise<void> {
  const { clock } = ports
  for (const until = clock.monotonic() + REFUSAL_MS; clock.monotonic() < until; await clock.sleep(EVERY_MS)) {
    const came = await readOutcome(ports, asked)
    if (came.outcome === 'moved') return
    if (came.outcome !== 'pending')
      throw new RefusedActError(formatOutcome(asked, came), 'see "baton explain" for what speaks against it')
  }
}

/** The standing that a change of membership asks for; `undefined` = no member. */
const wished = {
  conductor_addServerAsVoter: 0,
  conductor_addServerAsNonvoter: 1,
  conductor_demoteVoter: 1,
  conductor_removeServer: undefined,
} as const

/**
 * Membership is the configuration's: this changes nothing. What is so already is answered as done, since
 * op-conductor-ops adds every server again to be sure.
 */
const changeMembership: Answer = async ({ ports, membership }, { method, params: [id] }) => {
  if (typeof id !== 'string' || id === '') throw new InvalidParamsError('params[0]', 'must be the name of a node')
  const is = membership.servers.find((server) => server.id === id)?.suffrage
  if (method in wished && wished[method as keyof typeof wished] === is) return null
  throw new DoneElsewhereError({
    message: `${method}: the members of chain ${ports.chain.id} are written in its configuration, not here; nothing was changed`,
    remedy: `Edit "nodes" (and "noFailover" for a non-voter) for ${quoteForeign(id, MOST_NAME)} in the chain's configuration: chain.json of a gate of your own, or the parameter …/chains/${ports.chain.id}/config by "npx cdk deploy".`,
  })
}

/** op-conductor's acts. What has no safe meaning here is refused, and says what has. */
export const actAnswers: Pick<Answers, ActMethod> = {
  conductor_pause: setMode('pause', 'paused'),
  conductor_resume: setMode('resume', 'auto'),
  conductor_transferLeader: (asked, call) => transfer(asked, call),
  conductor_transferLeaderToServer: (asked, call) => {
    const [id] = call.params
    if (typeof id !== 'string' || id === '') throw new InvalidParamsError('params[0]', 'must be the name of a node')
    return transfer(asked, call, id)
  },
  /**
   * In op-conductor it makes one conductor call itself the leader. Here it grants nothing: a node that leads by commits
   * needs none, and one that shall publish without them needs the checks of the procedure.
   */
  conductor_overrideLeader: async ({ lease }, { node, params: [override] }) => {
    if (typeof override !== 'boolean') throw new InvalidParamsError('params[0]', 'must be true or false')
    if (isOverridden(await lease(), node) === override) return null
    const named = node ?? '<node>'
    throw new DoneElsewhereError(
      override
        ? {
            message: `Baton overrides no leader by this call: ${node ?? 'a node'} would publish blocks that no other node has to keep; nothing was changed`,
            remedy: `One node is enough to lead: "baton switchover --to ${named}". If gate or store are lost for good: "baton disaster survey", then "baton disaster override --node ${named} --confirm HASH".`,
          }
        : {
            message: `${named} publishes without commits: its blocks must be adopted one by one; nothing was changed`,
            remedy: `"baton disaster return --node ${named}"`,
          },
    )
  },
  conductor_stop: async () => {
    throw new DoneElsewhereError({
      message: 'a gate is not stopped by a call: its nodes could commit nothing; nothing was changed',
      remedy: 'To keep Baton from acting, call conductor_pause. To end a gate, end its process.',
    })
  },
  conductor_addServerAsVoter: changeMembership,
  conductor_addServerAsNonvoter: changeMembership,
  conductor_demoteVoter: changeMembership,
  conductor_removeServer: changeMembership,
}
