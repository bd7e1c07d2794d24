import { AwsAnswerError, type ServiceOptions, signedFetch } from '../aws/signed-fetch.ts'
import { type MetricName, metrics, namespace } from './metrics.ts'

/** What a metric of a chain was within a minute. */
export type Datum = {
  readonly baton: string
  readonly chain: string
  readonly metric: MetricName
  /** The beginning of the minute (Unix ms). */
  readonly minute: number
  readonly count: number
  readonly sum: number
  readonly min: number
  readonly max: number
}

/** Writes data to CloudWatch; rejects if it did not take all of them. */
export type PutData = (data: readonly Datum[]) => Promise<void>

/** CloudWatch takes a thousand metrics and a megabyte in a call; one takes some 600 bytes. */
export const MOST_DATA = 1_000
const TIMEOUT_MS = 8_000

/**
 * CloudWatch's PutMetricData, in the form of its Query API. A call that is sent again after a lost answer counts twice:
 * the alarms ask for the greatest and the least value, and for whether there is one.
 *
 * @throws AwsAnswerError when CloudWatch refuses a call.
 */
export function putMetricData(place: Pick<ServiceOptions, 'aws' | 'region'>, variables = process.env): PutData {
  const send = signedFetch({ service: 'monitoring', timeoutMs: TIMEOUT_MS, ...place }, variables)
  return async (data) => {
    for (let from = 0; from < data.length; from += MOST_DATA) {
      const body = formOf(data.slice(from, from + MOST_DATA))
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const response = await send('/', { method: 'POST', headers, body }, AbortSignal.timeout(TIMEOUT_MS))
      const text = await response.text()
      if (response.ok) continue
      const part = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1]
      throw new AwsAnswerError(part('Code') ?? `Http${response.status}`, part('Message') ?? text, response.status)
    }
  }
}

function formOf(data: readonly Datum[]): string {
  const form = new URLSearchParams({ Action: 'PutMetricData', Version: '2010-08-01', Namespace: namespace })
  data.forEach(({ baton, chain, metric, minute, count, sum, min, max }, i) => {
    const fields = {
      MetricName: metric,
      'Dimensions.member.1.Name': 'baton',
      'Dimensions.member.1.Value': baton,
      'Dimensions.member.2.Name': 'chain',
      'Dimensions.member.2.Value': chain,
      Timestamp: new Date(minute).toISOString(),
      Unit: metrics[metric].unit,
      'StatisticValues.SampleCount': count,
      'StatisticValues.Sum': sum,
      'StatisticValues.Minimum': min,
      'StatisticValues.Maximum': max,
    }
    for (const [name, value] of Object.entries(fields)) form.append(`MetricData.member.${i + 1}.${name}`, String(value))
  })
  return form.toString()
}
