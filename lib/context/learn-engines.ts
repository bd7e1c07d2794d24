import type { Memory } from './memory.ts'
import type { ChainPorts } from './ports.ts'

/** Asks the engines that Baton has access to what they offer, once in each life of a client. Never throws. */
export async function learnEngines({ nodes, engineMethods, log }: ChainPorts, memory: Memory): Promise<void> {
  const asked = nodes.map(async ({ name }) => {
    if (memory.observed[name]?.engine || !memory.observed[name]?.observation.execution.ok) return
    try {
      const methods = await engineMethods?.(name)
      const known = memory.observed[name]
      if (methods && known) memory.observed[name] = { ...known, engine: [...methods].sort() }
    } catch (error) {
      log.warn('an engine did not say what it offers', { node: name, error })
    }
  })
  await Promise.all(asked)
}
