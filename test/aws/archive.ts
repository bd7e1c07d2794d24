import type { AwsRig } from './rig.ts'
import { CHAIN } from './rig.ts'

/** What the archive holds for each block number: the hashes of its payloads, small ones in the table. */
export async function archived(rig: AwsRig): Promise<Map<number, string[]>> {
  const found = await inBucket(rig)
  type Page = { Items: { id: { S: string } }[]; LastEvaluatedKey?: object }
  for (let from: object | undefined, more = true; more; more = from !== undefined) {
    const page: Page = await rig.client.json<Page>('dynamodb', 'DynamoDB_20120810.Query', {
      TableName: rig.outputs.PayloadsTable,
      KeyConditionExpression: 'chain = :chain',
      ExpressionAttributeValues: { ':chain': { S: CHAIN } },
      ProjectionExpression: 'id',
      ...(from && { ExclusiveStartKey: from }),
    })
    for (const { id } of page.Items) {
      const [number = '', hash = ''] = id.S.split('/')
      found.set(Number(number), [...(found.get(Number(number)) ?? []), hash])
    }
    from = page.LastEvaluatedKey
  }
  return found
}

async function inBucket({ client, outputs }: AwsRig): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>()
  let after = ''
  for (;;) {
    const page = new URLSearchParams({ 'list-type': '2', prefix: `${CHAIN}/payloads/`, 'start-after': after })
    const answer = await client.send('s3', `/${outputs.Bucket}?${page}`)
    if (!answer.ok) throw new Error(`the bucket cannot be listed: HTTP ${answer.status} ${await answer.text()}`)
    const keys = [...(await answer.text()).matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key = '']) => key)
    for (const key of keys) {
      const [, , number = '', file = ''] = key.split('/')
      found.set(Number(number), [...(found.get(Number(number)) ?? []), file.replace('.json.zst', '')])
    }
    const last = keys.at(-1)
    if (last === undefined) return found
    after = last
  }
}
