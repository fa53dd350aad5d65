/** What to do about a page that is not what it should be. */

import type { DisguiseKind } from "./disguises.ts";

/** What to do next, where the cause says more than the address does. */
export const HINT_OF: Partial<Record<DisguiseKind, string>> = {
  another_address: "Look at the ingress and at $dolibarr_main_url_root in conf.php.",
  install_page:
    "Compare llx_const.MAIN_VERSION_LAST_UPGRADE with the program's version: the sandbox must run the version of the backup.",
  setup_page: "The company's constants (MAIN_INFO_SOCIETE_NOM) are not in the restored database.",
  technical_error:
    "A table, a column or a function is missing in the restored database, or its owner may not read it.",
  access_forbidden: "The account needs the right to read this part of the ERP (llx_user_rights).",
  record_not_found: "The row is not in the restored database.",
  file_does_not_exist: "The database names a file that the restored documents do not hold.",
  no_photo: "The database names a picture that the restored documents do not hold.",
  fallback_logo: "Look for mycompany/logos in the restored documents.",
  wrong_language:
    "Compare llx_const.MAIN_LANG_DEFAULT with what the page is in, and look for the program's langs folder.",
  page_trouble:
    "Open the page yourself and look into the browser's console; is the program whole, and of this version?",
  wrong_password: "Is web.user an account of this ERP, with this password?",
};
