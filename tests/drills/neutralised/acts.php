<?php
/**
 * Lets Dolibarr act on the world as it would by itself: sends a mail, calls the webhooks, looks which jobs are due.
 * The argument is its htdocs; what it came to is printed as JSON.
 */

foreach (array('NOSESSION', 'NOREQUIREMENU', 'NOREQUIREHTML', 'NOREQUIREAJAX', 'NOLOGIN') as $name) {
    define($name, '1');
}
require $argv[1] . '/master.inc.php';
require_once DOL_DOCUMENT_ROOT . '/core/class/CMailFile.class.php';
require_once DOL_DOCUMENT_ROOT . '/cron/class/cronjob.class.php';
require_once DOL_DOCUMENT_ROOT . '/webhook/class/target.class.php';
require_once DOL_DOCUMENT_ROOT . '/core/triggers/interface_95_modWebhook_WebhookTriggers.class.php';

$user->fetch(0, 'admin');
$langs->setDefaultLang('en_US');

$mail = new CMailFile('Your invoice', 'customer@example.org', 'erp@example.org', 'Please pay.');
$sent = $mail->sendfile();

// The trigger itself, and not the invoice's whole validation, which writes into the unalterable log.
$paper = new stdClass();
$paper->id = 1;
$paper->context = array();
$hooks = new InterfaceWebhookTriggers($db);
$called = $hooks->runTrigger('BILL_VALIDATE', $paper, $user, $langs, $conf);

$jobs = new Cronjob($db);
$jobs->fetchAll('', '', 0, 0, 1);

// As a page that fetches a user's calendar, a rate or a news box does.
require_once DOL_DOCUMENT_ROOT . '/core/lib/geturl.lib.php';
$fetched = getURLContent('http://calendar.example/secret.ics', 'GET', '', 1, array(), array('http'), 0);

echo json_encode(array('sent' => $sent === true, 'why' => (string) $mail->error, 'called' => $called,
    'jobs' => count($jobs->lines), 'fetched' => (string) $fetched['content'], 'key' => getDolGlobalString('CRON_KEY'))), "\n";
