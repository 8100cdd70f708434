import { useTranslation } from 'react-i18next'
import { count, latency, share } from '@/components/format'
import classes from './home.module.css'
import type { CallStats } from './stats'

/** Tenths where whole minutes would say nothing. */
const brief = (minutes: number) => (minutes < 10 ? Math.round(minutes * 10) / 10 : Math.round(minutes))

export function Figures({ totals }: { totals: CallStats['totals'] }) {
  const { t } = useTranslation('home')
  const { inbound, outbound, browser, answered } = totals
  return (
    <dl className={classes.figures}>
      <Figure
        name={t('calls')}
        value={count(totals.calls)}
        hint={t('callsParts', { inbound, outbound, browser })}
      />
      <Figure name={t('minutes')} value={count(brief(totals.minutes))} hint={t('minutesHint')} />
      <Figure
        name={t('answerRate')}
        value={share(totals.answer_rate)}
        hint={t('answerRateHint', { answered })}
      />
      <Figure
        name={t('response')}
        value={latency(totals.response_p50_ms)}
        hint={
          totals.response_p95_ms === null
            ? t('responseNone')
            : t('responseHint', { p95: latency(totals.response_p95_ms) })
        }
      />
    </dl>
  )
}

function Figure({ name, value, hint }: { name: string; value: string; hint: string }) {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd>
        <div className={classes.value}>{value}</div>
        <div className={classes.hint}>{hint}</div>
      </dd>
    </div>
  )
}
