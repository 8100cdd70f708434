/** A vendor's own settings: names and values, handed on as they are. */
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Pair } from '../config/types'
import { Row } from './fields'
import { useAgentForm } from './form'

/** `place`: of the part that has them. */
export function Extra({ place, rows }: { place: string; rows: Pair[] }) {
  const { t } = useTranslation('agents')
  const form = useAgentForm()
  const list = `${place}.extra`
  return (
    <Stack gap="xs" role="group" aria-label={t('extra')}>
      <div>
        <Text size="sm" fw={500}>
          {t('extra')}
        </Text>
        <Text size="xs" c="dimmed">
          {t('extraHelp')}
        </Text>
      </div>
      {rows.map(({ name }, i) => (
        <Row key={i} label={t('removeExtra', { name })} onRemove={() => form.removeListItem(list, i)}>
          <Group align="flex-start" gap="xs" grow preventGrowOverflow={false}>
            <TextInput
              aria-label={t('extraName', { number: i + 1 })}
              placeholder={t('namePlaceholder')}
              classNames={{ input: 'tl-mono' }}
              {...form.getInputProps(`${list}.${i}.name`)}
            />
            <TextInput
              aria-label={t('extraValue', { number: i + 1 })}
              placeholder={t('valuePlaceholder')}
              {...form.getInputProps(`${list}.${i}.value`)}
            />
          </Group>
        </Row>
      ))}
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        style={{ alignSelf: 'flex-start' }}
        onClick={() => form.insertListItem(list, { name: '', value: '' })}
      >
        {t('addExtra')}
      </Button>
    </Stack>
  )
}
