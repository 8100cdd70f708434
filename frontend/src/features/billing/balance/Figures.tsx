import { useTranslation } from 'react-i18next'
import { funds, money } from '@/components/format'
import classes from '../billing.module.css'
import type { Wallet } from '../data'

/** The balance, and what of it is promised already. */
export function Figures({ wallet }: { wallet: Wallet }) {
  const { t } = useTranslation('billing')
  const { available_micros, balance_micros, held_micros, currency } = wallet
  return (
    <dl className={classes.figures}>
      <Figure
        name={t('balance.available')}
        value={funds(available_micros, currency)}
        hint={t('balance.availableHint')}
      />
      <Figure name={t('balance.held')} value={money(held_micros, currency)} hint={t('balance.heldHint')} />
      <Figure
        name={t('balance.total')}
        value={funds(balance_micros, currency)}
        hint={t('balance.totalHint')}
      />
    </dl>
  )
}

function Figure({ name, value, hint }: { name: string; value: string; hint: string }) {
  return (
    <div className={classes.figure}>
      <dt>{name}</dt>
      <dd className={classes.value}>{value}</dd>
      <dd className={classes.hint}>{hint}</dd>
    </div>
  )
}
