/** Times as the API writes them. */

/** `2021-04-10T09:51:13+00:00` */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00')
}
