/** Another amount for a limit: what was spent in its time counts on. */
import { Modal, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { showProblem } from '@/api/problem'
import { AmountInput } from '@/components/AmountInput'
import { done, FormButtons, FormProblem } from '@/components/forms'
import { type Limit, useBillingChanged } from '../data'

export function EditLimit({ limit, onClose }: { limit: Limit | null; onClose: () => void }) {
  const { t } = useTranslation('billing')
  return (
    <Modal opened={limit !== null} onClose={onClose} title={t('limits.editTitle')}>
      {limit && <EditForm limit={limit} onClose={onClose} />}
    </Modal>
  )
}

function EditForm({
  limit: { id, amount_micros, currency },
  onClose,
}: {
  limit: Limit
  onClose: () => void
}) {
  const { t } = useTranslation(['billing', 'common'])
  const changed = useBillingChanged()
  const [problem, setProblem] = useState<string | null>(null)
  const form = useForm({
    initialValues: { amount_micros: amount_micros as number | null },
    validate: { amount_micros: (micros) => (micros ? null : t('limits.amountFault')) },
  })
  const save = $api.useMutation('patch', '/api/v1/billing/limits/{id}', {
    onSuccess: async () => {
      onClose()
      done(t('common:saved'))
      await changed()
    },
    onError: (error: unknown) => setProblem(showProblem(form, error)),
  })
  return (
    <form
      noValidate
      onSubmit={form.onSubmit(({ amount_micros: micros }) => {
        setProblem(null)
        save.mutate({ params: { path: { id } }, body: { amount_micros: micros! } })
      })}
    >
      <Stack>
        <AmountInput
          label={t('limits.most')}
          description={t('limits.mostHelp')}
          currency={currency}
          data-autofocus
          {...form.getInputProps('amount_micros')}
        />
        <FormProblem text={problem} />
        <FormButtons
          label={t('common:save')}
          busy={save.isPending}
          cancel={{ label: t('common:cancel'), onClick: onClose }}
        />
      </Stack>
    </form>
  )
}
