/** The card that is kept at the payment provider; here are only its last digits. */
import { Button, Group, Text } from '@mantine/core'
import { IconCreditCard, IconExternalLink } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { $api } from '@/api/client'
import { confirmDanger, done, failed } from '@/components/forms'
import { Section } from '@/components/Section'
import { goTo, type PaymentSettings, useBillingChanged } from '../data'
import { cardExpiry, useCardName } from './card'

export function CardSection({ settings: { card } }: { settings: PaymentSettings }) {
  const { t } = useTranslation('billing')
  const cardName = useCardName()
  const change = $api.useMutation('post', '/api/v1/billing/card', {
    onSuccess: ({ url }) => goTo(url),
    onError: failed,
  })
  const portal = $api.useMutation('post', '/api/v1/billing/portal', {
    onSuccess: ({ url }) => goTo(url),
    onError: failed,
  })
  const until = card && cardExpiry(card)
  const away = <IconExternalLink size={14} aria-hidden />
  return (
    <Section title={t('card.title')} text={t('card.text')}>
      <Group justify="space-between" gap="sm">
        <Group gap="xs">
          <IconCreditCard size={20} aria-hidden />
          {card ? (
            <div>
              <Text size="sm" fw={500}>
                {cardName(card)}
              </Text>
              {until && (
                <Text size="xs" c="dimmed">
                  {t('card.until', { month: until })}
                </Text>
              )}
            </div>
          ) : (
            <Text size="sm">{t('card.none')}</Text>
          )}
        </Group>
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            rightSection={away}
            loading={change.isPending || change.isSuccess}
            onClick={() => change.mutate({})}
          >
            {t(card ? 'card.change' : 'card.add')}
          </Button>
          {card && <RemoveCard name={cardName(card)} />}
          <Button
            variant="default"
            size="xs"
            rightSection={away}
            loading={portal.isPending || portal.isSuccess}
            onClick={() => portal.mutate({})}
          >
            {t('card.portal')}
          </Button>
        </Group>
      </Group>
    </Section>
  )
}

function RemoveCard({ name }: { name: string }) {
  const { t } = useTranslation(['billing', 'common'])
  const changed = useBillingChanged()
  const remove = $api.useMutation('delete', '/api/v1/billing/card', {
    onSuccess: async () => {
      done(t('card.removed'))
      await changed()
    },
    onError: failed,
  })
  return (
    <Button
      variant="default"
      size="xs"
      c="var(--mantine-color-error)"
      loading={remove.isPending}
      onClick={() =>
        confirmDanger({
          title: t('card.removeTitle', { card: name }),
          text: t('card.removeText'),
          confirm: t('card.remove'),
          cancel: t('common:cancel'),
          onConfirm: () => remove.mutate({}),
        })
      }
    >
      {t('card.remove')}
    </Button>
  )
}
