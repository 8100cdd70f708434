/** What was wrong with a file, row by row, as its report has it. */
import { useQuery } from '@tanstack/react-query'
import { currentTenant } from '@/api/client'
import { offline } from '@/api/problem'

export interface ReportLine {
  /** As a spreadsheet counts: the heading is 1. */
  row: string
  column: string
  value: string
  reason: string
  detail: string
}

const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y

/** The cells of a CSV, by row. A last row that is cut off is left out. */
export function cellsOf(csv: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  CELL.lastIndex = 0
  while (CELL.lastIndex < csv.length) {
    const found = CELL.exec(csv)
    if (!found) break
    row.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? '')
    if (found[3] === ',') continue
    if (found[3]) rows.push(row)
    row = []
  }
  return rows
}

export const linesOf = (csv: string): ReportLine[] =>
  cellsOf(csv)
    .slice(1)
    .map(([row = '', column = '', value = '', reason = '', detail = '']) => ({
      row,
      column,
      value,
      reason,
      detail,
    }))

export const reportHref = (id: string) => `/api/v1/imports/${id}/report.csv?tenant=${currentTenant()}`

const ENOUGH = 20_000

/** The beginning of the report: a long one has 100,000 lines. */
async function beginning(id: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(reportHref(id), { signal })
  if (!response.ok || !response.body) throw offline()
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (text.length < ENOUGH) {
    const { done, value } = await reader.read()
    if (done) return text
    text += value
  }
  await reader.cancel()
  return text
}

/** `reading`: tells one reading of the file from the next. */
export function useReport(id: string, reading: string) {
  return useQuery({
    queryKey: ['import-report', id, reading],
    queryFn: async ({ signal }) => linesOf(await beginning(id, signal)),
    staleTime: Infinity,
  })
}
