<?php
/** The first of two scripts: sets up the company and enables the modules, which only the next process can use. */

require __DIR__ . '/common.php';
require_once DOL_DOCUMENT_ROOT . '/core/lib/company.lib.php';
require_once DOL_DOCUMENT_ROOT . '/core/lib/images.lib.php';

$company = $input['company'];

$country = getCountry($company['country'], 'all', $db, $langs, 0);
$mysoc->country_id = $country['id'];
$mysoc->country_code = $country['code'];

$constants = array(
    'MAIN_INFO_SOCIETE_COUNTRY' => $country['id'] . ':' . $country['code'] . ':' . $country['label'],
    'MAIN_INFO_SOCIETE_NOM' => $company['name'],
    'MAIN_INFO_SOCIETE_ADDRESS' => $company['address'],
    'MAIN_INFO_SOCIETE_ZIP' => $company['zip'],
    'MAIN_INFO_SOCIETE_TOWN' => $company['town'],
    'MAIN_INFO_SOCIETE_TEL' => $company['phone'],
    'MAIN_INFO_SOCIETE_MAIL' => $company['email'],
    'MAIN_INFO_SIREN' => $company['siren'],
    'MAIN_INFO_SIRET' => $company['siret'],
    'MAIN_INFO_TVAINTRA' => $company['vat'],
    'MAIN_PROFID1_IN_ADDRESS' => '1',
    'MAIN_MONNAIE' => $company['currency'],
    'FACTURE_TVAOPTION' => '1',
    'SOCIETE_FISCAL_MONTH_START' => '1',
    // a mail setup as a company has one; names under .example do not resolve
    'MAIN_MAIL_SENDMODE' => 'smtps',
    'MAIN_MAIL_SMTP_SERVER' => 'smtp.ateliers-morvan.example',
    'MAIN_MAIL_SMTP_PORT' => '465',
    'MAIN_MAIL_EMAIL_FROM' => $company['email'],
    'MAIN_MAIL_SMTPS_ID' => $company['email'],
    'MAIN_MAIL_SMTPS_PW' => 'no such account',
);
foreach ($constants as $name => $value) {
    check(dolibarr_set_const($db, $name, $value, 'chaine', 0, '', $conf->entity), $db, "set $name");
}
dolibarr_del_const($db, 'MAIN_INFO_SOCIETE_SETUP_TODO_WARNING', $conf->entity);

// as the company's page does when a logo is uploaded
$folder = $conf->mycompany->dir_output . '/logos';
$logo = basename($input['logo']);
dol_mkdir($folder);
check(dol_copy($input['logo'], "$folder/$logo", '0', 1), $mysoc, 'copy the logo');
$thumbs = array('_SMALL' => vignette("$folder/$logo", $maxwidthsmall, $maxheightsmall, '_small', $quality),
    '_MINI' => vignette("$folder/$logo", $maxwidthmini, $maxheightmini, '_mini', $quality));
dolibarr_set_const($db, 'MAIN_INFO_SOCIETE_LOGO', $logo, 'chaine', 0, '', $conf->entity);
foreach ($thumbs as $suffix => $file) {
    if (!is_file($file)) {
        fwrite(STDERR, "Dolibarr cannot make a small picture of the logo: $file\n");
        exit(1);
    }
    dolibarr_set_const($db, "MAIN_INFO_SOCIETE_LOGO$suffix", basename($file), 'chaine', 0, '', $conf->entity);
}

// the unalterable log comes last, so that it finds the module of invoices
$modules = array('modSociete', 'modProduct', 'modBanque', 'modFacture', 'modFournisseur', 'modECM', 'modCron', 'modEmailCollector',
    'modWebhook', 'modBlockedLog');
foreach ($modules as $done => $module) {
    progress($done, count($modules));
    $result = activateModule($module);
    if (!empty($result['errors'])) {
        fwrite(STDERR, "Dolibarr cannot switch on $module: " . implode('; ', $result['errors']) . "\n");
        exit(1);
    }
    $conf->setValues($db); // otherwise the next module would enable its dependencies again
}
// Dolibarr numbers customers itself: CU2611-00001
dolibarr_set_const($db, 'SOCIETE_CODECLIENT_ADDON', 'mod_codeclient_monkey', 'chaine', 0, '', $conf->entity);
progress(count($modules), count($modules));
