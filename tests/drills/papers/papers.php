<?php
/**
 * What people do with papers in a healthy Dolibarr. The arguments are its htdocs and a step: `modules` switches on what the
 * step `papers` uses, which a second process must do.
 */

foreach (array('NOSESSION', 'NOREQUIREMENU', 'NOREQUIREHTML', 'NOREQUIREAJAX', 'NOLOGIN') as $name) {
    define($name, '1');
}
require $argv[1] . '/master.inc.php';
require_once DOL_DOCUMENT_ROOT . '/core/lib/admin.lib.php';
require_once DOL_DOCUMENT_ROOT . '/core/lib/files.lib.php';
require_once DOL_DOCUMENT_ROOT . '/comm/propal/class/propal.class.php';
require_once DOL_DOCUMENT_ROOT . '/commande/class/commande.class.php';
require_once DOL_DOCUMENT_ROOT . '/compta/facture/class/facture.class.php';
require_once DOL_DOCUMENT_ROOT . '/fourn/class/fournisseur.facture.class.php';
require_once DOL_DOCUMENT_ROOT . '/expensereport/class/expensereport.class.php';
require_once DOL_DOCUMENT_ROOT . '/product/class/product.class.php';
require_once DOL_DOCUMENT_ROOT . '/societe/class/societe.class.php';

$user->fetch(0, 'admin');
$user->loadRights();
$langs->setDefaultLang('en_US');
$langs->loadLangs(array('main', 'bills', 'orders', 'propal', 'companies', 'products'));

if ($argv[2] === 'modules') {
    foreach (array('modCommande', 'modPropale', 'modProduct', 'modFournisseur', 'modExpenseReport', 'modContrat') as $module) {
        $switched = activateModule($module);
        must(empty($switched['errors']), $module, implode('; ', (array) $switched['errors']));
    }
    exit(0);
}

function must($done, string $what, string $why = ''): void
{
    if (!$done || (is_numeric($done) && $done < 0)) {
        fwrite(STDERR, "Dolibarr cannot $what: $why\n");
        exit(1);
    }
}

/** Uploads a file beside an object's papers, as its tab of linked files does; one of that name is written over. */
function upload(string $folder, string $name, string $text, $object): void
{
    dol_mkdir($folder);
    deleteFilesIntoDatabaseIndex($folder, $name, '', $object);
    file_put_contents($folder . '/' . $name, $text);
    must(addFileIntoDatabaseIndex($folder, $name, $name, 'uploaded', 0, $object), 'list ' . $name);
}

$customer = new Societe($db);
$found = $db->fetch_object($db->query('SELECT min(rowid) AS id FROM llx_societe WHERE client = 1'));
must($customer->fetch($found->id), 'load a customer');
upload($conf->societe->dir_output . '/' . $customer->id, 'order.txt', 'first', $customer);
upload($conf->societe->dir_output . '/' . $customer->id, 'order.txt', 'second', $customer);

foreach (array(array(new Propal($db), 'azur', 'propal'), array(new Commande($db), 'einstein', 'commande')) as list($paper, $model, $module)) {
    $paper->socid = $customer->id;
    $paper->date = $paper->datep = $paper->date_commande = dol_now();
    $paper->duree_validite = 15;
    must($paper->create($user), "make a $module", (string) $paper->error);
    must($paper->addline('A line', 100, 1, 20), 'add a line', (string) $paper->error);
    $paper->fetch($paper->id);
    must($paper->generateDocument($model, $langs), 'make its PDF', (string) $paper->error);
    $folder = $conf->$module->multidir_output[1] ?? $conf->$module->dir_output;
    upload($folder . '/' . dol_sanitizeFileName($paper->ref), $paper->ref . '-note.txt', 'a note', $paper);
    must($paper->valid($user), 'validate it', (string) $paper->error);
    $paper->fetch($paper->id);
    must($paper->generateDocument($model, $langs), 'make its PDF again', (string) $paper->error);
    $paper->note_public = 'Changed';
    must($paper->generateDocument($model, $langs), 'make its PDF once more', (string) $paper->error);
}

$report = new ExpenseReport($db);
$report->fk_user_author = $report->fk_user_validator = $user->id;
$report->date_debut = $report->date_fin = dol_now();
must($report->create($user), 'make an expense report', (string) $report->error);
must($report->fetch($report->id), 'load it');
upload($conf->expensereport->dir_output . '/' . dol_sanitizeFileName($report->ref), 'receipt.txt', 'a receipt', $report);
must($report->setValidate($user), 'validate it', (string) $report->error);
must($report->fetch($report->id), 'load it again');
must($report->generateDocument('standard_expensereport', $langs), 'make its PDF', (string) $report->error);

$draft = new FactureFournisseur($db);
$draft->socid = $db->fetch_object($db->query('SELECT min(rowid) AS id FROM llx_societe WHERE fournisseur = 1'))->id;
$draft->ref_supplier = 'DELETED-1';
$draft->libelle = 'deleted';
$draft->date = dol_now();
must($draft->create($user), "make a supplier's draft", (string) $draft->error);
$draft->fetch($draft->id);
$folder = $conf->fournisseur->facture->dir_output . '/' . get_exdir($draft->id, 2, 0, 0, $draft, 'invoice_supplier') . $draft->ref;
upload($folder, 'scan.pdf', "%PDF-1.4\n%%EOF\n", null);
must($draft->delete($user), 'delete the draft', (string) $draft->error);

$product = new Product($db);
must($product->fetch($db->fetch_object($db->query('SELECT min(rowid) AS id FROM llx_product'))->id), 'load a product');
upload($conf->product->multidir_output[1] . '/' . dol_sanitizeFileName($product->ref), 'sheet.txt', 'a sheet', $product);
$product->ref = 'Renamed ' . $product->ref;
must($product->update($product->id, $user), 'rename the product', (string) $product->error);

$rows = $db->fetch_object($db->query('SELECT count(*) AS n FROM llx_ecm_files'));
echo json_encode(array('rows' => (int) $rows->n, 'scan' => file_exists($folder . '/scan.pdf'), 'order' => $conf->commande->dir_output)), "\n";
