<?php
/** Validates three invoices that are numbered by a mask. The arguments are htdocs and the mask; the references are printed as JSON. */

foreach (array('NOSESSION', 'NOREQUIREMENU', 'NOREQUIREHTML', 'NOREQUIREAJAX', 'NOLOGIN') as $name) {
    define($name, '1');
}
require $argv[1] . '/master.inc.php';
require_once DOL_DOCUMENT_ROOT . '/core/lib/admin.lib.php';
require_once DOL_DOCUMENT_ROOT . '/compta/facture/class/facture.class.php';

$user->fetch(0, 'admin');
$user->loadRights();
$langs->setDefaultLang('en_US');
dolibarr_set_const($db, 'FACTURE_ADDON', 'mod_facture_mercure', 'chaine', 0, '', 1);
dolibarr_set_const($db, 'FACTURE_MERCURE_MASK_INVOICE', $argv[2], 'chaine', 0, '', 1);

$customer = $db->fetch_object($db->query('SELECT min(rowid) AS id FROM llx_societe WHERE client = 1'))->id;
$refs = array();
foreach (array(100, 200, 300) as $amount) {
    $invoice = new Facture($db);
    $invoice->socid = $customer;
    $invoice->type = Facture::TYPE_STANDARD;
    $invoice->date = dol_now();
    if ($invoice->create($user) < 0 || $invoice->addline('A line', $amount, 1, 20) < 0 || $invoice->fetch($invoice->id) < 0
        || $invoice->validate($user) < 0) {
        fwrite(STDERR, 'Dolibarr cannot validate an invoice: ' . $invoice->error . implode('; ', $invoice->errors) . "\n");
        exit(1);
    }
    $refs[] = $invoice->ref;
}
echo json_encode($refs), "\n";
