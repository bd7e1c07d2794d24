import type { View } from '../protocol/decision.ts'
import type { NodeName, Quarantine } from '../protocol/records.ts'
import type { ActName } from './act-names.ts'

/** A button for an act, on the page and in the widget. */
export type Control = {
  readonly act: ActName
  readonly label: string
  /** The question that asks for confirmation. */
  readonly ask: string
  readonly input: Readonly<Record<string, string>>
  /** As the chain stands, the act would change nothing or be refused. */
  readonly disabled: boolean
}

/** The controls of a chain, and those of each of its nodes. */
export type Controls = {
  readonly chain: readonly Control[]
  readonly nodes: Readonly<Record<NodeName, readonly Control[]>>
}

/** The acts an operator may do as the chain stands, each with its confirmation question. */
export function controlsOf({ nodes, head, lease }: Pick<View, 'nodes' | 'head' | 'lease'>): Controls {
  const mode = lease?.mode
  const leader = head?.leader || 'no node'
  const pending = lease?.switchover
  const idle = lease === undefined
  const move = {
    act: 'switchover',
    label: 'Switch over',
    ask: 'Move sequencing to the best standby at the next block boundary?',
  } as const
  return {
    chain: [
      control(
        {
          act: 'pause',
          label: 'Pause Baton',
          ask: 'Pause Baton? It will observe and move nothing, whatever breaks, until it is resumed.',
        },
        { disabled: idle || mode === 'paused' },
      ),
      control(
        {
          act: 'resume',
          label: 'Resume Baton',
          ask: 'Resume Baton? It will act on its own again, at once if something is wrong.',
        },
        { disabled: idle || mode === 'auto' },
      ),
      control(
        {
          act: 'hold',
          label: head?.leader ? `Hold on ${leader}` : 'Hold',
          ask: `Hold sequencing on ${leader}? Baton restarts it if it stops, and moves to no other node until it is resumed.`,
        },
        { disabled: idle || mode === 'hold' },
      ),
      pending
        ? control({
            act: 'cancel-switchover',
            label: 'Withdraw the switchover',
            ask: `Withdraw the switchover requested by ${pending.by}?`,
          })
        : control(move, { disabled: idle }),
    ],
    nodes: Object.fromEntries(
      nodes.map(({ name }) => [
        name,
        [
          control(
            {
              act: 'switchover',
              label: `Switch over to ${name}`,
              ask: `Move sequencing from ${leader} to ${name} at the next block boundary?`,
            },
            { input: { to: name }, disabled: idle || pending !== undefined || name === head?.leader },
          ),
          eligibility(name, lease?.quarantine[name], idle),
          ...(head || lease ? [] : [adoption(name)]),
        ],
      ]),
    ),
  }
}

function eligibility(node: NodeName, entry: Quarantine | undefined, disabled: boolean): Control {
  const input = { node }
  if (!entry) {
    const ask = `Quarantine ${node}? Baton moves nothing to it until it is released.`
    return control({ act: 'quarantine', label: `Quarantine ${node}`, ask }, { input, disabled })
  }
  const since = new Date(entry.since).toISOString()
  const ask = `Release ${node}? It has been in quarantine since ${since}, by ${entry.by}: ${entry.why}.`
  return control({ act: 'release', label: `Release ${node}`, ask }, { input })
}

const adoption = (to: NodeName): Control =>
  control(
    {
      act: 'adopt',
      label: `Adopt, start ${to}`,
      ask: `Take the chain over? The node that sequences now is stopped at a block boundary, and ${to} continues.`,
    },
    { input: { to } },
  )

function control(
  shown: Pick<Control, 'act' | 'label' | 'ask'>,
  { input = {}, disabled = false }: Partial<Pick<Control, 'input' | 'disabled'>> = {},
): Control {
  return { ...shown, input, disabled }
}
