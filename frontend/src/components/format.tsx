/** Times, durations, numbers and telephone numbers as people read them. */
import { Text, Tooltip } from '@mantine/core'
import dayjs from 'dayjs'
import relativeTime from 'dayjs/plugin/relativeTime'
import { useTranslation } from 'react-i18next'

dayjs.extend(relativeTime)

/** A moment: relative in the text, exact when pointed at. */
export function Time({ at }: { at: string | null | undefined }) {
  const { t } = useTranslation('common')
  if (!at)
    return (
      <Text span inherit c="dimmed">
        {t('never')}
      </Text>
    )
  const moment = dayjs(at)
  return (
    <Tooltip label={moment.format('ddd D MMM YYYY, HH:mm:ss')}>
      <time dateTime={at}>{moment.fromNow()}</time>
    </Tooltip>
  )
}

export function exactTime(at: string): string {
  return dayjs(at).format('D MMM YYYY, HH:mm:ss')
}

/** 65_000 -> "1:05"; 3_725_000 -> "1:02:05". */
export function duration(ms: number): string {
  const s = Math.round(ms / 1000)
  const two = (n: number) => String(n).padStart(2, '0')
  const minutes = Math.floor(s / 60)
  if (minutes < 60) return `${minutes}:${two(s % 60)}`
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(s % 60)}`
}

/** 320 -> "320 ms"; 1_250 -> "1.25 s". */
export function latency(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return '–'
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`
}

export function count(n: number): string {
  return n.toLocaleString('en-US')
}

/** 0.934 -> "93 %"; a part that is there is never 0. */
export function share(part: number | null | undefined): string {
  if (part === null || part === undefined) return '–'
  return part > 0 && part < 0.005 ? '<1 %' : `${Math.round(part * 100)} %`
}

/** Micro-units as decimal text, exactly: -1_250_000 -> "-1.250000". Money is never a float, not here either. */
function decimal(micros: number): Intl.StringNumericLiteral {
  const digits = String(Math.abs(micros)).padStart(7, '0')
  return `${micros < 0 ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}` as Intl.StringNumericLiteral
}

const amount = (micros: number, currency: string, options: Intl.NumberFormatOptions) =>
  new Intl.NumberFormat('en-US', { style: 'currency', currency, ...options }).format(decimal(micros))

/** 1_250_000 -> "$1.25"; parts of a cent are rounded up, since nobody is told less than it costs. */
export const money = (micros: number, currency = 'USD'): string =>
  amount(micros, currency, { roundingMode: 'ceil' })

/** What somebody has: parts of a cent are left out, since nobody is told more than there is. */
export const funds = (micros: number, currency = 'USD'): string =>
  amount(micros, currency, { roundingMode: 'floor' })

/** 5_000_000 -> "+$5.00": what an amount does to a balance, exactly. */
export const signedMoney = (micros: number, currency = 'USD'): string =>
  amount(micros, currency, { maximumFractionDigits: 6, signDisplay: 'exceptZero' })

/** 4_100 -> "$0.0041": prices and small amounts to the micro-unit. */
export const exactMoney = (micros: number, currency = 'USD'): string =>
  amount(micros, currency, { maximumFractionDigits: 6 })

/** +12025550100 -> "+1 202 555 0100"; other numbers in groups of three, the last of two to four; SIP users as they are. */
export function phone(number: string): string {
  const us = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number)
  if (us) return `+1 ${us[1]} ${us[2]} ${us[3]}`
  const other = /^\+(\d{2})(\d+)$/.exec(number)
  return other ? `+${other[1]} ${other[2]!.replace(/(\d{3})(?=\d{2})/g, '$1 ')}` : number
}

export function Phone({ number }: { number: string }) {
  return (
    <span className="tl-mono" style={{ whiteSpace: 'nowrap' }}>
      {phone(number)}
    </span>
  )
}
