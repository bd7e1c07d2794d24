import { type Panel, panels } from '../../lib/panels.ts'

const WIDTH = 8
const HEIGHT = 7
const PER_ROW = 24 / WIDTH
const units: Readonly<Record<Panel['unit'], string>> = { s: 's', ms: 'ms', short: 'short', bool: 'bool_on_off' }
const datasource = { type: 'prometheus', uid: '$datasource' }

/** The Grafana dashboard of the panels, as Grafana imports it. The data source and the chain are variables. */
export function grafanaDashboard(): object {
  return {
    uid: 'baton',
    title: 'Baton',
    tags: ['baton', 'op-conductor'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'utc',
    templating: {
      list: [
        { name: 'datasource', type: 'datasource', query: 'prometheus', label: 'Data source' },
        {
          name: 'chain',
          type: 'query',
          label: 'Chain',
          datasource,
          query: { query: 'label_values(op_conductor_up, chain)', refId: 'chain' },
          refresh: 2,
          sort: 3,
        },
      ],
    },
    annotations: {
      list: [
        {
          name: 'Moves',
          datasource,
          enable: true,
          iconColor: 'red',
          expr: 'changes(baton_term{chain="$chain"}[1m]) > 0',
          titleFormat: 'sequencing moved',
        },
      ],
    },
    panels: panels.filter((panel: Panel) => panel.prometheus !== undefined).map(panelOf),
  }
}

function panelOf({ title, unit, prometheus = [], alarmAbove }: Panel, i: number): object {
  const steps = [
    { color: 'green', value: null },
    ...(alarmAbove === undefined ? [] : [{ color: 'red', value: alarmAbove }]),
  ]
  return {
    id: i + 1,
    title,
    type: unit === 'bool' ? 'state-timeline' : 'timeseries',
    datasource,
    gridPos: { x: (i % PER_ROW) * WIDTH, y: Math.floor(i / PER_ROW) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: { defaults: { unit: units[unit], min: 0, thresholds: { mode: 'absolute', steps } }, overrides: [] },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: prometheus.map(({ expr, legend }, j) => ({
      refId: String.fromCharCode(65 + j),
      datasource,
      expr,
      legendFormat: legend,
    })),
  }
}
