/**
 * The acts an operator may do: for each, its one name in commands, requests and buttons, and what it does. Separate
 * from the acts themselves, so that help loads without them.
 */
export const actDescriptions = {
  pause: 'Stop Baton from acting on its own until resume; withdraws a pending switchover',
  resume: 'Let Baton act on its own again',
  hold: 'Pin sequencing to the leader: restarted if it stops, never replaced',
  switchover: 'Move sequencing to another node at a block boundary',
  'cancel-switchover': 'Withdraw the pending switchover',
  quarantine: 'Exclude a node: nothing is moved to it until it is released',
  release: 'Make a node eligible again',
  adopt: 'Take over a chain that a node sequences outside Baton: stop that node and start another',
} as const

/** The name of an act. */
export type ActName = keyof typeof actDescriptions

/** Every name, in display order. */
export const actNames = Object.keys(actDescriptions) as readonly ActName[]

/** Whether there is an act of this name. */
export const isAct = (name: string): name is ActName => Object.hasOwn(actDescriptions, name)
