import { useTranslation } from 'react-i18next'
import { count, duration, money } from '@/components/format'
import classes from '../billing.module.css'
import type { Usage } from './usage'

/** The whole of the days asked for. */
export function UsageFigures({ usage: { total, currency } }: { usage: Usage }) {
  const { t } = useTranslation('billing')
  const figures = [
    [t('usage.spent'), money(total.micros, currency)],
    [t('usage.calls'), count(total.calls)],
    [t('usage.time'), duration(total.seconds * 1000)],
  ] as const
  return (
    <dl className={classes.figures}>
      {figures.map(([name, value]) => (
        <div key={name} className={classes.figure}>
          <dt>{name}</dt>
          <dd className={classes.value}>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
