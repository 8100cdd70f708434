/** Whom the campaign calls: from a file, or by the API. */
import { Checkbox, Stack, Text, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { count } from '@/components/format'
import { Section } from '@/components/Section'
import { Loaded } from '@/components/states'
import { useImports } from '../data'
import type { Campaign } from '../shared/types'
import { useSetupForm } from '../setup/form'
import { DropFile } from './DropFile'
import { ImportPanel } from './ImportPanel'
import { useUpload } from './upload'
import { Variables } from './Variables'

const OVER = ['done', 'cancelled']

export function ContactsStep({ campaign }: { campaign: Campaign }) {
  const { t } = useTranslation('campaigns')
  const form = useSetupForm()
  const imports = useImports(campaign.id)
  const { upload, send } = useUpload(campaign.id)
  return (
    <>
      <Section title={t('contactsStep.title')} text={t('contactsStep.text')}>
        <Stack gap="md">
          <Text size="sm" role="status">
            {t('contactsStep.have', {
              count: campaign.progress.contacts,
              shown: count(campaign.progress.contacts),
            })}
          </Text>
          <DropFile upload={upload} onFile={(file) => void send(file)} />
          <Loaded query={imports} rows={2}>
            {(all) => (
              <Stack gap="xl">
                {all
                  .filter(({ state }, i) => i === 0 || !OVER.includes(state))
                  .filter(({ state }) => state !== 'cancelled')
                  .map((one) => (
                    <ImportPanel key={one.id} campaign={campaign.id} found={one} />
                  ))}
              </Stack>
            )}
          </Loaded>
        </Stack>
      </Section>
      <Section title={t('variables.title')} text={t('variables.text')}>
        <Variables />
      </Section>
      <Section title={t('contactsStep.apiTitle')} text={t('contactsStep.apiText')}>
        <Stack gap="md" maw={560}>
          <TextInput
            label={t('contactsStep.country')}
            description={t('contactsStep.countryHelp')}
            inputWrapperOrder={['label', 'input', 'description', 'error']}
            maxLength={2}
            w={290}
            {...form.getInputProps('config.default_country')}
            onChange={(event) =>
              form.setFieldValue('config.default_country', event.currentTarget.value.toUpperCase())
            }
          />
          <Checkbox
            label={t('contactsStep.stayOpen')}
            description={t('contactsStep.stayOpenHelp')}
            {...form.getInputProps('config.stay_open', { type: 'checkbox' })}
          />
        </Stack>
      </Section>
    </>
  )
}
