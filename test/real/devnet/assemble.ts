import { concat, type Hex, numberToHex, size } from 'viem'

const OPCODES = {
  ADD: '0x01',
  EQ: '0x14',
  SHR: '0x1c',
  ADDRESS: '0x30',
  CALLER: '0x33',
  CALLVALUE: '0x34',
  CALLDATALOAD: '0x35',
  TIMESTAMP: '0x42',
  MSTORE: '0x52',
  SLOAD: '0x54',
  SSTORE: '0x55',
  JUMPI: '0x57',
  DUP1: '0x80',
  LOG0: '0xa0',
  RETURN: '0xf3',
  REVERT: '0xfd',
} as const satisfies Readonly<Record<string, Hex>>

const JUMPDEST: Hex = '0x5b'

/** An instruction: an opcode, a value to push, a label (`:name`), or the address of one to push (`@name`). */
export type Instruction = keyof typeof OPCODES | Hex | number | `:${string}` | `@${string}`

/** The bytecode of a contract. Addresses take two bytes each. */
export function assemble(instructions: readonly Instruction[]): Hex {
  const labels = new Map<string, number>()
  const parts: (Hex | { readonly to: string })[] = []
  let at = 0
  for (const each of instructions) {
    if (typeof each === 'string' && each.startsWith(':')) labels.set(each.slice(1), at)
    const part = typeof each === 'string' && each.startsWith('@') ? { to: each.slice(1) } : bytesOf(each)
    parts.push(part)
    at += typeof part === 'string' ? size(part) : 3
  }
  return concat(
    parts.map((part) => {
      if (typeof part === 'string') return part
      const target = labels.get(part.to)
      if (target === undefined) throw new Error(`there is no label ${part.to}`)
      return push(numberToHex(target, { size: 2 }))
    }),
  )
}

function bytesOf(instruction: Instruction): Hex {
  if (typeof instruction === 'number') return push(numberToHex(instruction, { size: 1 }))
  if (instruction.startsWith('0x')) return push(instruction as Hex)
  if (instruction.startsWith(':')) return JUMPDEST
  return OPCODES[instruction as keyof typeof OPCODES]
}

/** PUSHn and its bytes. */
const push = (bytes: Hex): Hex => concat([numberToHex(0x5f + size(bytes), { size: 1 }), bytes])
