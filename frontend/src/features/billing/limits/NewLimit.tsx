/** A limit more: of everything, of an API key, a campaign or a trunk. */
import { Modal, SegmentedControl, Select, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { useTenant } from '@/api/session'
import { AmountInput } from '@/components/AmountInput'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { useBillingChanged } from '../data'
import { LIMIT_PERIODS, type LimitPeriod, type Scope, SCOPES, SEES } from './limits'
import { ScopeChoice } from './ScopeChoice'

interface NewLimitProps {
  opened: boolean
  onClose: () => void
}

export function NewLimit({ opened, onClose }: NewLimitProps) {
  const { t } = useTranslation('billing')
  return (
    <Modal opened={opened} onClose={onClose} title={t('limits.new')}>
      <LimitForm onClose={onClose} />
    </Modal>
  )
}

interface Draft {
  scope: Scope
  scope_id: string | null
  period: LimitPeriod
  amount_micros: number | null
}

function LimitForm({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['billing', 'common'])
  const { may } = useTenant()
  const changed = useBillingChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm<Draft>({
    initialValues: { scope: 'tenant', scope_id: null, period: 'day', amount_micros: null },
    validate: {
      scope_id: (id, { scope }) => (scope === 'tenant' || id ? null : t('limits.scopeFault')),
      amount_micros: (micros) => (micros ? null : t('limits.amountFault')),
    },
  })
  const create = $api.useMutation('post', '/api/v1/billing/limits', {
    onSuccess: async () => {
      onClose()
      done(t('limits.made'))
      await changed()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  const { scope } = form.values
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ scope, scope_id, period, amount_micros }) => {
        setProblem(null)
        create.mutate({
          body: { scope, period, amount_micros: amount_micros!, ...(scope === 'tenant' ? {} : { scope_id }) },
        })
      })}
    >
      <Stack>
        <Select
          label={t('limits.of')}
          allowDeselect={false}
          data={SCOPES.filter((value) => may(SEES[value])).map((value) => ({
            value,
            label: t(`limits.scope.${value}`),
          }))}
          {...form.getInputProps('scope')}
          onChange={(value) => form.setValues({ scope: value as Scope, scope_id: null })}
        />
        {scope !== 'tenant' && <ScopeChoice key={scope} scope={scope} {...form.getInputProps('scope_id')} />}
        <SegmentedControl
          aria-label={t('limits.period')}
          data={LIMIT_PERIODS.map((value) => ({ value, label: t(`limits.per.${value}`) }))}
          {...form.getInputProps('period')}
        />
        <AmountInput
          label={t('limits.most')}
          description={t('limits.mostHelp')}
          {...form.getInputProps('amount_micros')}
        />
        <FormProblem text={problem} />
        <FormButtons
          label={t('limits.make')}
          busy={create.isPending}
          cancel={{ label: t('common:cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
