/** The version of the JSON output. It grows when a field changes its meaning or goes; new fields do not change it. */
export const JSON_VERSION = 1
