/** List prices of us-east-1 in dollars, free tiers left out; docs/cost.md names where they are from. */
export const prices = {
  dynamoWrite: 0.625e-6,
  dynamoRead: 0.125e-6,
  apiCall: 3.5e-6,
  lambdaRequest: 0.2e-6,
  lambdaGbSecond: 1.33334e-5,
  s3Put: 5e-6,
  s3Get: 0.4e-6,
  s3GbMonth: 0.023,
  stateTransition: 2.5e-5,
  schedule: 1e-6,
  logGb: 0.5,
  metricMonth: 0.3,
  alarmMonth: 0.1,
  dashboardMonth: 3,
  /** One interface endpoint in one zone. */
  endpointHour: 0.01,
  endpointGb: 0.01,
} as const

export const HOURS_A_MONTH = 720
