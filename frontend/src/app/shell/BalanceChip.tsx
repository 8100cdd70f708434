/** What the workspace may still spend, on every page; leads to where it is topped up. */
import { Badge, Tooltip } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { useTenant } from '@/api/session'
import { funds } from '@/components/format'
import classes from './Shell.module.css'

const EVERY_MS = 60_000
/** A few minutes of calls. */
const LOW_MICROS = 1_000_000
const MANY_MICROS = 1_000_000_000

export function BalanceChip() {
  const { t } = useTranslation('shell')
  const { may, path } = useTenant()
  const { data: wallet } = $api.useQuery(
    'get',
    '/api/v1/billing/wallet',
    {},
    { enabled: may('billing.read'), refetchInterval: EVERY_MS },
  )
  if (!wallet) return null
  const { available_micros, currency } = wallet
  const amount = funds(available_micros, currency)
  // Who has thousands needs no cents, and there is no room for them.
  const shown = available_micros < MANY_MICROS ? amount : amount.replace(/\.\d+$/, '')
  const low = available_micros < LOW_MICROS
  const label = t(available_micros <= 0 ? 'balanceOut' : low ? 'balanceLow' : 'balance', { amount })
  return (
    <Tooltip label={label}>
      <Badge
        component={Link}
        to={path('billing')}
        aria-label={label}
        size="lg"
        variant="outline"
        color={low ? 'amber' : 'gray'}
        leftSection={low && <IconAlertTriangle size={13} aria-hidden />}
        className={classes.balance}
      >
        {shown}
      </Badge>
    </Tooltip>
  )
}
