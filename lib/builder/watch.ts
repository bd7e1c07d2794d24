import { type BoostWindow, type Builder, type FlashblocksStream, followBoost } from '../protocol/builder.ts'
import type { Policy } from '../protocol/policy.ts'
import type { NodeName } from '../protocol/records.ts'
import { askBoost, type BoostEndpoint } from './health.ts'
import { listenTo, type StreamWatch } from './stream.ts'

/** The block building beside a node, as configured. */
export type BuilderSettings = {
  readonly name: NodeName
  readonly boost?: BoostEndpoint
  /** The URL of its flashblocks stream. */
  readonly flashblocks?: string
}

/** The monitor's port to the builders of a chain. */
export type BuilderPort = {
  /** What is known, with times in Unix ms; asks again what is old, and never waits for it. */
  latest(): Readonly<Record<NodeName, Builder>>
  /** Asks every health endpoint and waits for the answers; never throws. */
  ask(): Promise<void>
  /** Listens to the streams from now on; returns how to stop. */
  listen(): () => void
}

/** How often a health endpoint is asked, as op-conductor does (ms). */
const EVERY_MS = 1_000

/**
 * Watches builders and streams outside the monitor's turns: one that hangs must not delay a failover, so a turn uses
 * the last answer.
 */
export function watchBuilders(
  nodes: readonly BuilderSettings[],
  policy: Policy,
  clock: { now(): number; monotonic(): number },
): BuilderPort {
  const windows = new Map<NodeName, BoostWindow>()
  const running = new Map<NodeName, Promise<void>>()
  const beganAt = new Map<NodeName, number>()
  const streams = new Map<NodeName, StreamWatch>()

  const ask = ({ name, boost }: BuilderSettings): Promise<void> => {
    if (!boost) return Promise.resolve()
    const one = running.get(name)
    if (one) return one
    beganAt.set(name, clock.monotonic())
    const asked = askBoost(boost)
      .then((answer) => {
        windows.set(name, followBoost(windows.get(name), { ...answer, at: clock.monotonic() }, policy))
      })
      .finally(() => running.delete(name))
    running.set(name, asked)
    return asked
  }
  const isOld = (name: NodeName) => clock.monotonic() - (beganAt.get(name) ?? Number.NEGATIVE_INFINITY) >= EVERY_MS
  const unix = (at: number) => clock.now() - (clock.monotonic() - at)

  return {
    latest() {
      for (const node of nodes) if (isOld(node.name)) void ask(node)
      return Object.fromEntries(
        nodes.map(({ name, flashblocks }) => {
          const boost = windows.get(name)
          const stream = streams.get(name)?.latest()
          const known: Builder = {
            streams: flashblocks !== undefined,
            ...(boost && { boost: { ...boost, since: unix(boost.since) } }),
            ...(stream && { stream: onClock(stream, unix) }),
          }
          return [name, known]
        }),
      )
    },
    async ask() {
      await Promise.all(nodes.map(ask))
    },
    listen() {
      for (const { name, flashblocks } of nodes)
        if (flashblocks !== undefined) streams.set(name, listenTo(flashblocks, clock.monotonic))
      return () => {
        for (const stream of streams.values()) stream.close()
        streams.clear()
      }
    },
  }
}

const onClock = (stream: FlashblocksStream, unix: (at: number) => number): FlashblocksStream => ({
  ...stream,
  since: unix(stream.since),
  ...(stream.heardAt !== undefined && { heardAt: unix(stream.heardAt) }),
})
