import type { ChainPorts, NodePort } from '../context/ports.ts'
import type { Metrics } from './registry.ts'

/** The ports with each attempt to start or stop a sequencer counted. */
export function countActs<P extends ChainPorts>(ports: P, metrics: Metrics): P {
  const counted = new Map<string, NodePort>()
  for (const { name: node } of ports.nodes) {
    for (const success of ['true', 'false']) {
      metrics.add('op_conductor_sequencer_starts_count', { node, success }, 0)
      metrics.add('op_conductor_sequencer_stops_count', { node, success }, 0)
    }
  }
  return {
    ...ports,
    port: (node) => {
      const known = counted.get(node) ?? countOn(node, ports.port(node), metrics)
      counted.set(node, known)
      return known
    },
  }
}

function countOn(node: string, port: NodePort, metrics: Metrics): NodePort {
  const counter = (
    name: 'op_conductor_sequencer_starts_count' | 'op_conductor_sequencer_stops_count',
    success: boolean,
  ) => metrics.add(name, { node, success: String(success) })
  return {
    ...port,
    start: async (at) => {
      let success = false
      try {
        const started = await port.start(at)
        success = started.outcome === 'started' || started.outcome === 'already-running'
        return started
      } finally {
        counter('op_conductor_sequencer_starts_count', success)
      }
    },
    stop: async () => {
      let success = false
      try {
        const hash = await port.stop()
        success = true
        return hash
      } finally {
        counter('op_conductor_sequencer_stops_count', success)
      }
    },
  }
}
