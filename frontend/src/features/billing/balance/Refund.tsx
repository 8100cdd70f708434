/** Gives back what was paid in and is not spent. */
import { Modal, Stack, Text, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { AmountInput } from '@/components/AmountInput'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { money } from '@/components/format'
import { type Payment, useBillingChanged } from '../data'

export function Refund({ payment, onClose }: { payment: Payment | null; onClose: () => void }) {
  const { t } = useTranslation('billing')
  return (
    <Modal opened={payment !== null} onClose={onClose} title={t('refund.title')}>
      {payment && <RefundForm payment={payment} onClose={onClose} />}
    </Modal>
  )
}

function RefundForm({ payment, onClose }: { payment: Payment; onClose: () => void }) {
  const { t } = useTranslation(['billing', 'common'])
  const changed = useBillingChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const { id, refundable_micros, currency } = payment
  const most = money(refundable_micros, currency)
  const form = useForm({
    initialValues: { amount_micros: refundable_micros as number | null, why: '' },
    validate: {
      amount_micros: (micros) => (micros && micros <= refundable_micros ? null : t('refund.fault', { most })),
    },
  })
  const refund = $api.useMutation('post', '/api/v1/billing/payments/{id}/refund', {
    onSuccess: async () => {
      onClose()
      done(t('refund.done'))
      await changed()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ amount_micros, why }) => {
        setProblem(null)
        refund.mutate({ params: { path: { id } }, body: { amount_micros: amount_micros!, why: why.trim() } })
      })}
    >
      <Stack>
        <Text size="sm">{t('refund.text')}</Text>
        <AmountInput
          label={t('amount')}
          description={t('refund.most', { most })}
          currency={currency}
          data-autofocus
          {...form.getInputProps('amount_micros')}
        />
        <TextInput label={t('refund.why')} maxLength={300} {...form.getInputProps('why')} />
        <FormProblem text={problem} />
        <FormButtons
          label={t('refund.submit')}
          busy={refund.isPending}
          cancel={{ label: t('common:cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
