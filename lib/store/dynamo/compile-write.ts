import type { Condition, Write } from '../../protocol/write.ts'
import { attributeOf, type Item, toAttribute } from './attributes.ts'

/** The expressions of an UpdateItem. Aliases every name, since many of ours are reserved words. */
export type Expressions = {
  UpdateExpression?: string
  ConditionExpression: string
  ExpressionAttributeNames: Record<string, string>
  ExpressionAttributeValues?: Item
}

/** Compiles a protocol write (plain data) to DynamoDB's expressions. */
export function compileWrite<R>({ set, copy = {}, remove = [], when }: Write<R>): Expressions {
  const names: Record<string, string> = {}
  const values: Item = {}
  const aliases = new Map<string, string>()
  const name = (field: string) => {
    const alias = aliases.get(field) ?? `#${aliases.size}`
    aliases.set(field, alias)
    names[alias] = attributeOf(field)
    return alias
  }
  const value = (of: unknown) => {
    const alias = `:${Object.keys(values).length}`
    values[alias] = toAttribute(of)
    return alias
  }
  const render = (condition: Condition): string => {
    switch (condition.is) {
      case 'all':
      case 'any': {
        if (condition.of.length === 0) throw new TypeError(`a condition "${condition.is}" of nothing`)
        return `(${condition.of.map(render).join(condition.is === 'all' ? ' AND ' : ' OR ')})`
      }
      case 'absent':
        return `attribute_not_exists(${name(condition.field)})`
      default:
        return `${name(condition.field)} ${condition.is} ${value(condition.value)}`
    }
  }

  const sets = [
    ...Object.entries(set).flatMap(([field, to]) => (to === undefined ? [] : [`${name(field)} = ${value(to)}`])),
    ...Object.entries(copy).map(([field, from]) => `${name(field)} = ${name(from as string)}`),
  ]
  const clauses = [
    ...(sets.length > 0 ? [`SET ${sets.join(', ')}`] : []),
    ...(remove.length > 0 ? [`REMOVE ${remove.map(name).join(', ')}`] : []),
  ]
  return {
    ...(clauses.length > 0 && { UpdateExpression: clauses.join(' ') }),
    ConditionExpression: render(when),
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  }
}
