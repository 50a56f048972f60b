import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { PartialJSONObject, PartialJSONValue } from '@lumino/coreutils';

/** The keys whose values are shown. */
const SHOWN = new Set(['title', 'description', 'label', 'jupyter.lab.setting-icon-label']);

/**
 * Translate the schemas of some plugins as they are loaded.
 *
 * #### Notes
 * The server translates schemas too, but only with the catalogues of language packs.
 */
export function translateSchemas(
  registry: ISettingRegistry,
  plugins: readonly string[],
  trans: TranslationBundle
): void {
  for (const id of plugins) {
    registry.transform(id, {
      fetch: plugin => ({
        ...plugin,
        schema: translated(plugin.schema, trans) as ISettingRegistry.ISchema
      })
    });
  }
}

/** Some JSON with those of its texts translated that are shown. */
function translated(
  json: PartialJSONValue | undefined,
  trans: TranslationBundle
): PartialJSONValue | undefined {
  if (Array.isArray(json)) {
    return json.map(member => translated(member, trans) ?? null);
  }
  if (typeof json !== 'object' || json === null) {
    return json;
  }
  const entries = Object.entries(json).map(([key, value]) => {
    const isShown = typeof value === 'string' && SHOWN.has(key);
    // eslint-disable-next-line jupyter/no-dynamic-translation -- catalogues have schemas' texts too
    return [key, isShown ? trans.gettext(value) : translated(value, trans)];
  });
  return Object.fromEntries(entries) as PartialJSONObject;
}
